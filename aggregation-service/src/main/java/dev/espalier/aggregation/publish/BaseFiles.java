package dev.espalier.aggregation.publish;

import dev.espalier.aggregation.neighbour.ModelRegistry;
import dev.espalier.aggregation.neighbour.VersionPaths;
import dev.espalier.aggregation.neighbour.WeightFiles;
import dev.espalier.aggregation.sparse.BaseMatrices;
import dev.espalier.aggregation.sparse.SparseCombiner;
import dev.espalier.problem.ProblemException;
import dev.espalier.protocol.model.MatrixSparsity;
import dev.espalier.protocol.model.ModelStructure;
import dev.espalier.protocol.model.VersionManifest;
import dev.espalier.protocol.problem.ProblemType;
import dev.espalier.tensors.safetensors.SafetensorsFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** A whole model as the registry holds it: its configuration, its weights, its mask, open. */
final class BaseFiles implements AutoCloseable {

    private final VersionManifest base;
    private final ObjectNode config;
    private final Set<String> weightNames;
    private final List<SafetensorsFile> weights = new ArrayList<>();
    private final List<Path> paths = new ArrayList<>();
    private @Nullable BaseMask mask;
    private @Nullable Path maskPath;

    private BaseFiles(VersionManifest base, ObjectNode config, Set<String> weightNames) {
        this.base = base;
        this.config = config;
        this.weightNames = weightNames;
    }

    /**
     * @throws ProblemException MODEL_DOES_NOT_FIT if the version is no such folder
     */
    static BaseFiles open(ModelRegistry registry, VersionManifest base) throws IOException {
        BaseFiles files =
                new BaseFiles(
                        base,
                        HouseJson.object(registry.file(base, VersionPaths.MODEL_CONFIG)),
                        WeightFiles.names(registry, base));
        try {
            files.paths.addAll(WeightFiles.of(registry, base));
            for (Path file : files.paths) {
                files.weights.add(SafetensorsFile.open(file));
            }
            if (base.file(VersionPaths.MODEL_MASK).isPresent()) {
                Path mask = registry.file(base, VersionPaths.MODEL_MASK);
                files.mask = BaseMask.open(mask, files.weights, base);
                files.maskPath = mask;
            }
            return files;
        } catch (IOException | RuntimeException e) {
            files.close();
            throw e;
        }
    }

    /**
     * @throws ProblemException MODEL_DOES_NOT_FIT if the version was registered without one
     */
    ModelStructure structure() {
        ModelStructure structure = base.structure();
        if (structure == null) {
            throw new ProblemException(
                    ProblemType.MODEL_DOES_NOT_FIT,
                    base.ref() + " was registered without a structure");
        }
        return structure;
    }

    /**
     * Those that may be pruned.
     *
     * @throws ProblemException MODEL_DOES_NOT_FIT if the weights are not those of the structure
     */
    BaseMatrices matrices() throws IOException {
        return BaseMatrices.of(structure(), paths);
    }

    /** What a sparse base is made of, and where it goes. */
    SparseCombiner.Files into(Path newMask, Path newWeights) {
        return new SparseCombiner.Files(paths, maskPath, newMask, newWeights);
    }

    /**
     * Writes the weights with something merged into them, and the mask if there is one, which they
     * keep to.
     *
     * @param widened what changes is written in F32
     * @return how sparse each matrix is; null where there is no mask
     * @throws ProblemException MODEL_DOES_NOT_FIT if the base lacks what is to change
     */
    @Nullable List<MatrixSparsity> merge(
            Additions additions, double scale, boolean widened, Draft draft) throws IOException {
        BaseMerge merge =
                new BaseMerge(
                        weights, mask, additions, scale, new BaseMerge.Form(inputFirst(), widened));
        merge.write(draft.file(VersionPaths.MODEL_WEIGHTS));
        if (mask == null) {
            return null;
        }
        mask.write(merge.prefix(), draft.file(VersionPaths.MODEL_MASK));
        return mask.sparsity(merge.prefix());
    }

    ObjectNode config() {
        return config;
    }

    /** Whether its linears are stored as [in, out]. */
    private boolean inputFirst() {
        ModelStructure structure = base.structure();
        return structure != null && structure.inputFirst();
    }

    /** Adds the configuration to a draft, as it is. */
    void takeConfig(Draft draft) {
        base.file(VersionPaths.MODEL_CONFIG).ifPresent(draft::take);
    }

    /** Adds to a draft all that neither weights, mask nor configuration are: a tokenizer, say. */
    void takeTheRest(Draft draft) {
        Set<String> replaced = new TreeSet<>(weightNames);
        replaced.add(VersionPaths.MODEL_WEIGHTS_INDEX);
        replaced.add(VersionPaths.MODEL_MASK);
        replaced.add(VersionPaths.MODEL_CONFIG);
        base.files().stream().filter(file -> !replaced.contains(file.path())).forEach(draft::take);
    }

    @Override
    public void close() {
        weights.forEach(SafetensorsFile::close);
        if (mask != null) {
            mask.close();
        }
    }
}
