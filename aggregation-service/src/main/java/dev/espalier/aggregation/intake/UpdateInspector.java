package dev.espalier.aggregation.intake;

import dev.espalier.aggregation.combine.Contents;
import dev.espalier.aggregation.combine.KeptHeads;
import dev.espalier.aggregation.combine.Shapes;
import dev.espalier.aggregation.session.Figures;
import dev.espalier.protocol.problem.ProblemType;
import dev.espalier.protocol.update.AdapterTensor;
import dev.espalier.protocol.update.Quantisation;
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
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Checks every byte of an update of an adapter that lies whole on disk, whatever it contains.
 * Trusts nothing but the parent. A pure function of its files.
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
    Inspection inspect(Path file, TrainingExpectation expected) throws IOException {
        try (UpdateFile update = UpdateFile.open(file);
                SafetensorsFile raw = SafetensorsFile.open(file);
                SafetensorsFile parent = openParent(expected)) {
            UpdateManifest manifest = manifests.read(update.metadata());
            requireSame(manifest, expected);
            Optional<KeptHeads> heads = HeadChoice.of(manifest, expected);
            ComponentChoice.require(manifest, expected);
            HeldComponents held = HeldComponents.of(Contents.of(manifest), expected.layout());
            ComponentScores.require(manifest, held, expected);
            Precisions.require(manifest, held, expected);
            Tally tally = tally(manifest, update, raw, parent, expected);
            Precisions.requireWithinBudget(tally.componentBytes(), expected);
            requireChange(tally, expected);
            return new Inspection.Passed(
                    new Figures(
                            manifest.examples(),
                            manifest.steps(),
                            manifest.lossBefore(),
                            manifest.lossAfter(),
                            manifest.trainSeconds(),
                            tally.distance(),
                            tally.valueBytes + PayloadBytes.beside(manifest, expected),
                            tally.taskHeadBytes,
                            Files.size(file),
                            heads.orElse(null),
                            expected.speaksOfComponents() ? held.count() : null,
                            error(manifest),
                            null));
        } catch (UpdateRefused refused) {
            return refused.inspection();
        } catch (MalformedSafetensorsException | UpdateFormatException malformed) {
            return UpdateRefused.malformed(String.valueOf(malformed.getMessage())).inspection();
        }
    }

    private static Tally tally(
            UpdateManifest manifest,
            UpdateFile update,
            SafetensorsFile raw,
            SafetensorsFile parent,
            TrainingExpectation expected)
            throws UpdateRefused {
        requireNames(update.tensorNames(), expected.names(manifest.scope()));
        Contents contents = Contents.of(manifest);
        Tally tally = new Tally();
        for (AdapterTensor tensor : expected.layout().tensors()) {
            if (update.tensorNames().contains(tensor.name())) {
                tally.add(tensor, fitting(update, contents, tensor, expected), raw, parent);
            }
        }
        return tally;
    }

    /** What adds up over the tensors. */
    private static final class Tally {

        private double squaredDistance;
        private long valueBytes;
        private long taskHeadBytes;

        double distance() {
            return Math.sqrt(squaredDistance);
        }

        long componentBytes() {
            return valueBytes - taskHeadBytes;
        }

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
    private static SafetensorsFile openParent(TrainingExpectation expected) throws IOException {
        try {
            return SafetensorsFile.open(expected.parent());
        } catch (MalformedSafetensorsException e) {
            throw new IOException("the parent " + expected.terms().parent() + " is broken", e);
        }
    }

    private void requireSame(UpdateManifest manifest, TrainingExpectation expected)
            throws UpdateRefused {
        require("round", manifest.round(), expected.terms().round());
        require("agent", manifest.agent(), expected.agent());
        require("parent", manifest.parent(), expected.terms().parent());
        if (manifest.scope().layers() != null) {
            throw UpdateRefused.misfit("scope.layers is for what prunes: leave it out");
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
            UpdateFile update,
            Contents contents,
            AdapterTensor tensor,
            TrainingExpectation expected)
            throws UpdateRefused {
        Shape full = Shapes.of(tensor);
        MaskedTensor sent = tensor(update, contents, tensor);
        TensorPart wanted = TensorPart.asked(expected.part(tensor, contents.scope()), full);
        if (TensorPart.sent(sent.encoding(), full).filter(wanted::equals).isEmpty()) {
            throw UpdateRefused.misfit(
                    tensor.name() + ": not exactly those rows and columns that are in scope");
        }
        return sent;
    }

    private static MaskedTensor tensor(UpdateFile update, Contents contents, AdapterTensor tensor)
            throws UpdateRefused {
        try {
            return contents.read(update, tensor);
        } catch (UpdateFormatException misfit) {
            throw UpdateRefused.misfit(String.valueOf(misfit.getMessage()));
        }
    }

    private static void requireChange(Tally tally, TrainingExpectation expected)
            throws UpdateRefused {
        if (tally.squaredDistance == 0) {
            throw new UpdateRefused(
                    ProblemType.UPDATE_UNTRAINED,
                    "every value equals that of the parent: train before handing in");
        }
        double norm = tally.distance();
        Double allowed = expected.work().aggregation().maxUpdateNorm();
        if (allowed != null && norm > allowed) {
            throw new UpdateRefused(
                    ProblemType.UPDATE_TOO_FAR,
                    "the change has an L2 norm of %s, the job allows %s".formatted(norm, allowed));
        }
    }

    private static @Nullable Double error(UpdateManifest manifest) {
        Quantisation quantisation = manifest.quantisation();
        return quantisation == null ? null : quantisation.error();
    }
}
