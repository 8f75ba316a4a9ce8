package dev.espalier.aggregation.intake;

import dev.espalier.aggregation.session.Figures;
import dev.espalier.aggregation.sparse.BaseMatrices.Matrix;
import dev.espalier.protocol.job.WeightPruningSpec.Groups;
import dev.espalier.protocol.job.WeightPruningSpec.Pruner;
import dev.espalier.protocol.problem.ProblemType;
import dev.espalier.protocol.update.PruningManifest;
import dev.espalier.tensors.DType;
import dev.espalier.tensors.masked.Encoding;
import dev.espalier.tensors.masked.MaskedTensor;
import dev.espalier.tensors.masked.UpdateFile;
import dev.espalier.tensors.masked.UpdateFormatException;
import dev.espalier.tensors.masked.UploadBytes;
import dev.espalier.tensors.safetensors.MalformedSafetensorsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Checks every byte of an update that pruned layers of a base, whatever it contains. A pure
 * function of its file, read where it lies.
 *
 * <p>That enough was pruned is asked of all matrices together: how a client spreads its zeros is
 * its own affair, and the rule brings each matrix to the target (algorithms.md C.3 step 6).
 */
final class PruningInspector {

    /** The number of examples (algorithms.md D.6). */
    private static final int SCALARS = 8;

    private final ManifestReader manifests;
    private final long mostExamples;

    PruningInspector(ManifestReader manifests, long mostExamples) {
        this.manifests = manifests;
        this.mostExamples = mostExamples;
    }

    /**
     * @throws IOException if the file cannot be read; never because of what is in the update
     */
    Inspection inspect(Path file, PruningExpectation expected) throws IOException {
        try (UpdateFile update = UpdateFile.open(file)) {
            PruningManifest manifest = manifests.readPruning(update.metadata());
            requireSame(manifest, expected);
            requireNames(update.tensorNames(), expected);
            Tally tally = new Tally();
            for (Matrix matrix : expected.matrices()) {
                tally.add(matrix, checked(update, matrix, expected), update);
            }
            requireSparse(tally, expected);
            return new Inspection.Passed(figures(manifest, tally, expected, Files.size(file)));
        } catch (UpdateRefused refused) {
            return refused.inspection();
        } catch (MalformedSafetensorsException | UpdateFormatException malformed) {
            return UpdateRefused.malformed(String.valueOf(malformed.getMessage())).inspection();
        }
    }

    /** What adds up over the matrices. */
    private static final class Tally {

        private long zeros;
        private long bytes;

        void add(Matrix matrix, MaskedTensor sent, UpdateFile update) {
            zeros += matrix.elements() - sent.valueCount();
            bytes +=
                    sent.encoding() instanceof Encoding.MaskOnly
                            ? UploadBytes.maskOnly(matrix.elements())
                            : UploadBytes.sparseMatrix(
                                    matrix.elements(),
                                    sent.valueCount(),
                                    bytesPerValue(update, matrix));
        }

        private static int bytesPerValue(UpdateFile update, Matrix matrix) {
            return update.valueType(matrix.name()).map(DType::bytes).orElse(0);
        }
    }

    private static Figures figures(
            PruningManifest manifest, Tally tally, PruningExpectation expected, long wireBytes) {
        double sparsity = tally.zeros / (double) expected.elements();
        long layers = expected.matrices().stream().mapToInt(Matrix::layer).distinct().count();
        return new Figures(
                manifest.examples(),
                0,
                null,
                null,
                manifest.pruneSeconds(),
                null,
                tally.bytes + SCALARS,
                0,
                wireBytes,
                null,
                null,
                null,
                new Figures.Pruned((int) layers, sparsity));
    }

    private void requireSame(PruningManifest manifest, PruningExpectation expected)
            throws UpdateRefused {
        require("round", manifest.round(), expected.terms().round());
        require("agent", manifest.agent(), expected.agent());
        require("parent", manifest.parent(), expected.terms().parent());
        require("scope", manifest.scope(), expected.scope());
        require("pruner", manifest.pruner(), expected.work().weights().pruner());
        if (manifest.examples() > mostExamples) {
            throw UpdateRefused.misfit(
                    "%d examples are more than the %d that are allowed"
                            .formatted(manifest.examples(), mostExamples));
        }
    }

    private static void require(String what, Object found, Object wanted) throws UpdateRefused {
        if (!found.equals(wanted)) {
            throw UpdateRefused.misfit(
                    "the update is for " + what + " " + found + ", not " + wanted);
        }
    }

    private static void requireNames(SortedSet<String> sent, PruningExpectation expected)
            throws UpdateRefused {
        SortedSet<String> missing =
                expected.matrices().stream()
                        .map(Matrix::name)
                        .collect(Collectors.toCollection(TreeSet::new));
        SortedSet<String> extra = new TreeSet<>(sent);
        extra.removeAll(missing);
        missing.removeAll(sent);
        if (!missing.isEmpty()) {
            throw UpdateRefused.misfit(
                    "%d matrices are missing, the first is %s"
                            .formatted(missing.size(), missing.first()));
        }
        if (!extra.isEmpty()) {
            throw UpdateRefused.misfit(
                    "%d tensors are not in scope, the first is %s"
                            .formatted(extra.size(), extra.first()));
        }
    }

    private static MaskedTensor checked(
            UpdateFile update, Matrix matrix, PruningExpectation expected) throws UpdateRefused {
        MaskedTensor sent = tensor(update, matrix);
        requireEncoding(sent, matrix, expected.work().weights().pruner());
        OptionalLong broken = sent.firstNonFinite();
        if (broken.isPresent()) {
            throw new UpdateRefused(
                    ProblemType.UPDATE_NOT_FINITE,
                    "%s: value %d of %d is NaN or infinite"
                            .formatted(matrix.name(), broken.getAsLong(), sent.valueCount()));
        }
        requirePattern(sent, matrix, expected.work().weights().groups());
        return sent;
    }

    private static MaskedTensor tensor(UpdateFile update, Matrix matrix) throws UpdateRefused {
        try {
            return update.tensor(matrix.name(), matrix.shape());
        } catch (UpdateFormatException misfit) {
            throw UpdateRefused.misfit(String.valueOf(misfit.getMessage()));
        }
    }

    private static void requireEncoding(MaskedTensor sent, Matrix matrix, Pruner pruner)
            throws UpdateRefused {
        boolean fits =
                switch (sent.encoding()) {
                    case Encoding.MaskOnly _ -> !pruner.changesValues();
                    case Encoding.Dense _, Encoding.Bitmap _ -> pruner.changesValues();
                    case Encoding.Rows _, Encoding.Columns _, Encoding.Cells _ -> false;
                };
        if (!fits) {
            throw UpdateRefused.misfit(
                    "%s: %s sends %s"
                            .formatted(
                                    matrix.name(),
                                    pruner,
                                    pruner.changesValues()
                                            ? "a bitmap with the values that are kept, or all"
                                                    + " values"
                                            : "a bitmap alone, since kept weights do not change"));
        }
    }

    /** Of every group at most so many are kept; a client may drop more. */
    private static void requirePattern(MaskedTensor sent, Matrix matrix, @Nullable Groups groups)
            throws UpdateRefused {
        if (groups == null) {
            return;
        }
        for (int output = 0; output < matrix.out(); output++) {
            for (int first = 0; first < matrix.in(); first += groups.size()) {
                int kept = kept(sent, matrix, output, first, first + groups.size());
                if (kept > groups.kept()) {
                    throw UpdateRefused.misfit(
                            "%s: output %d keeps %d of inputs %d to %d, at most %d are to be kept"
                                    .formatted(
                                            matrix.name(),
                                            output,
                                            kept,
                                            first,
                                            first + groups.size() - 1,
                                            groups.kept()));
                }
            }
        }
    }

    private static int kept(MaskedTensor sent, Matrix matrix, int output, int from, int to) {
        int kept = 0;
        for (int input = from; input < to; input++) {
            kept += sent.contributes(matrix.index(output, input)) ? 1 : 0;
        }
        return kept;
    }

    private static void requireSparse(Tally tally, PruningExpectation expected)
            throws UpdateRefused {
        if (tally.zeros < expected.fewestZeros()) {
            throw UpdateRefused.misfit(
                    "%d of %d weights are pruned, at least %d were to be"
                            .formatted(tally.zeros, expected.elements(), expected.fewestZeros()));
        }
    }
}
