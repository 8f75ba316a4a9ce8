package dev.espalier.aggregation.intake;

import dev.espalier.aggregation.combine.KeptHeads;
import dev.espalier.aggregation.session.Figures;
import dev.espalier.protocol.problem.ProblemType;
import dev.espalier.protocol.update.AdapterLayout;
import dev.espalier.protocol.update.AdapterTensor;
import dev.espalier.protocol.update.UpdateManifest;
import dev.espalier.tensors.Shape;
import dev.espalier.tensors.masked.MaskedTensor;
import dev.espalier.tensors.masked.UpdateFile;
import dev.espalier.tensors.masked.UpdateFormatException;
import dev.espalier.tensors.safetensors.MalformedSafetensorsException;
import dev.espalier.tensors.safetensors.SafetensorsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Checks every byte of an update that lies whole on disk, whatever it contains. Trusts nothing but
 * the parent. A pure function of its files.
 */
final class UpdateInspector {

    private final ManifestReader manifests;
    private final long mostExamples;

    UpdateInspector(ManifestReader manifests, long mostExamples) {
        this.manifests = manifests;
        this.mostExamples = mostExamples;
    }

    /**
     * @throws IOException if a file cannot be read; never because of what is in the update
     */
    Inspection inspect(Path file, Expectation expected) throws IOException {
        try (UpdateFile update = UpdateFile.open(file);
                SafetensorsFile raw = SafetensorsFile.open(file);
                SafetensorsFile parent = openParent(expected)) {
            UpdateManifest manifest = manifests.read(update.metadata());
            requireSame(manifest, expected);
            Optional<KeptHeads> heads = HeadChoice.of(manifest, expected);
            requireNames(update.tensorNames(), expected.names(manifest.scope()));
            Tally tally = new Tally();
            for (AdapterTensor tensor : expected.layout().tensors()) {
                if (update.tensorNames().contains(tensor.name())) {
                    tally.add(
                            tensor,
                            fitting(update, tensor, expected.part(tensor, manifest.scope())),
                            raw,
                            parent);
                }
            }
            return passed(manifest, tally, expected, heads.orElse(null), Files.size(file));
        } catch (UpdateRefused refused) {
            return refused.inspection();
        } catch (MalformedSafetensorsException | UpdateFormatException malformed) {
            return UpdateRefused.malformed(String.valueOf(malformed.getMessage())).inspection();
        }
    }

    /** What adds up over the tensors. */
    private static final class Tally {

        private double squaredDistance;
        private long valueBytes;
        private long taskHeadBytes;

        void add(
                AdapterTensor tensor,
                MaskedTensor sent,
                SafetensorsFile update,
                SafetensorsFile parent)
                throws UpdateRefused {
            if (sent.firstNonFinite().isPresent()) {
                throw new UpdateRefused(
                        ProblemType.UPDATE_NOT_FINITE,
                        "%s: value %d of %d is NaN or infinite"
                                .formatted(
                                        tensor.name(),
                                        sent.firstNonFinite().getAsLong(),
                                        sent.valueCount()));
            }
            squaredDistance += sent.squaredDistance(parent.reader(tensor.name()));
            long bytes = sent.valueBytes(update.info(tensor.name()).dtype());
            valueBytes += bytes;
            taskHeadBytes += tensor.kind().isTaskHead() ? bytes : 0;
        }
    }

    /** The parent is ours: if it is broken, that is no fault of the update. */
    private static SafetensorsFile openParent(Expectation expected) throws IOException {
        try {
            return SafetensorsFile.open(expected.parent());
        } catch (MalformedSafetensorsException e) {
            throw new IOException("the parent " + expected.terms().parent() + " is broken", e);
        }
    }

    private void requireSame(UpdateManifest manifest, Expectation expected) throws UpdateRefused {
        require("round", manifest.round(), expected.terms().round());
        require("agent", manifest.agent(), expected.agent());
        require("parent", manifest.parent(), expected.terms().parent());
        if (!Objects.equals(manifest.scope().components(), expected.scope().components())) {
            throw UpdateRefused.misfit(
                    "scope.components are not those that the agent was asked for");
        }
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

    private static void requireNames(SortedSet<String> sent, SortedSet<String> wanted)
            throws UpdateRefused {
        SortedSet<String> missing = new TreeSet<>(wanted);
        missing.removeAll(sent);
        if (!missing.isEmpty()) {
            throw UpdateRefused.misfit(
                    "%d tensors are missing, the first is %s"
                            .formatted(missing.size(), missing.first()));
        }
        SortedSet<String> extra = new TreeSet<>(sent);
        extra.removeAll(wanted);
        if (!extra.isEmpty()) {
            throw UpdateRefused.misfit(
                    "%d tensors are not in scope, the first is %s"
                            .formatted(extra.size(), extra.first()));
        }
    }

    private static MaskedTensor fitting(
            UpdateFile update, AdapterTensor tensor, AdapterLayout.Part part) throws UpdateRefused {
        Shape full = shape(tensor);
        MaskedTensor sent = tensor(update, tensor, full);
        TensorPart wanted = TensorPart.asked(part, full);
        if (TensorPart.sent(sent.encoding(), full).filter(wanted::equals).isEmpty()) {
            throw UpdateRefused.misfit(
                    tensor.name() + ": not exactly those rows and columns that are in scope");
        }
        return sent;
    }

    private static MaskedTensor tensor(UpdateFile update, AdapterTensor tensor, Shape full)
            throws UpdateRefused {
        try {
            return update.tensor(tensor.name(), full);
        } catch (UpdateFormatException misfit) {
            throw UpdateRefused.misfit(String.valueOf(misfit.getMessage()));
        }
    }

    private static Shape shape(AdapterTensor tensor) {
        return Shape.of(tensor.shape().stream().mapToLong(Integer::longValue).toArray());
    }

    private static Inspection passed(
            UpdateManifest manifest,
            Tally tally,
            Expectation expected,
            @Nullable KeptHeads heads,
            long wireBytes)
            throws UpdateRefused {
        if (tally.squaredDistance == 0) {
            throw new UpdateRefused(
                    ProblemType.UPDATE_UNTRAINED,
                    "every value equals that of the parent: train before handing in");
        }
        double norm = Math.sqrt(tally.squaredDistance);
        Double allowed = expected.terms().aggregation().maxUpdateNorm();
        if (allowed != null && norm > allowed) {
            throw new UpdateRefused(
                    ProblemType.UPDATE_TOO_FAR,
                    "the change has an L2 norm of %s, the job allows %s".formatted(norm, allowed));
        }
        long masks =
                PayloadBytes.masks(
                        manifest.scope(), expected.layout(), expected.terms().adapter().rank());
        return new Inspection.Passed(
                new Figures(
                        manifest.examples(),
                        manifest.steps(),
                        manifest.lossBefore(),
                        manifest.lossAfter(),
                        manifest.trainSeconds(),
                        norm,
                        tally.valueBytes + masks + PayloadBytes.scalars(manifest),
                        tally.taskHeadBytes,
                        wireBytes,
                        heads));
    }
}
