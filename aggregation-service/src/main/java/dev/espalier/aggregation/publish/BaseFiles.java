package dev.espalier.aggregation.publish;

import dev.espalier.aggregation.neighbour.ModelRegistry;
import dev.espalier.aggregation.neighbour.VersionPaths;
import dev.espalier.problem.ProblemException;
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
import tools.jackson.databind.node.ObjectNode;

/** A whole model as the registry holds it: its configuration, and its weights, open. */
final class BaseFiles implements AutoCloseable {

    private final VersionManifest base;
    private final ObjectNode config;
    private final Set<String> weightPaths;
    private final List<SafetensorsFile> weights = new ArrayList<>();

    private BaseFiles(VersionManifest base, ObjectNode config, Set<String> weightPaths) {
        this.base = base;
        this.config = config;
        this.weightPaths = weightPaths;
    }

    /**
     * @throws ProblemException MODEL_DOES_NOT_FIT if the version is no such folder
     */
    static BaseFiles open(ModelRegistry registry, VersionManifest base) throws IOException {
        BaseFiles files =
                new BaseFiles(
                        base,
                        HouseJson.object(registry.file(base, VersionPaths.MODEL_CONFIG)),
                        weightPaths(registry, base));
        try {
            for (String path : files.weightPaths) {
                files.weights.add(SafetensorsFile.open(registry.file(base, path)));
            }
            return files;
        } catch (IOException | RuntimeException e) {
            files.close();
            throw e;
        }
    }

    /** One file, or the shards that the index names. */
    private static Set<String> weightPaths(ModelRegistry registry, VersionManifest base)
            throws IOException {
        if (base.file(VersionPaths.MODEL_WEIGHTS).isPresent()) {
            return new TreeSet<>(Set.of(VersionPaths.MODEL_WEIGHTS));
        }
        Set<String> shards = new TreeSet<>();
        Path index = registry.file(base, VersionPaths.MODEL_WEIGHTS_INDEX);
        HouseJson.object(index).path("weight_map").forEach(shard -> shards.add(shard.asString()));
        if (shards.isEmpty()) {
            throw new ProblemException(
                    ProblemType.MODEL_DOES_NOT_FIT,
                    base.ref() + " has an index that names no file of weights");
        }
        return shards;
    }

    List<SafetensorsFile> weights() {
        return weights;
    }

    ObjectNode config() {
        return config;
    }

    /** Whether its linears are stored as [in, out]. */
    boolean inputFirst() {
        ModelStructure structure = base.structure();
        return structure != null && structure.inputFirst();
    }

    /** Adds to a draft all that neither weights nor configuration are: a tokenizer, say. */
    void takeTheRest(Draft draft) {
        Set<String> replaced = new TreeSet<>(weightPaths);
        replaced.add(VersionPaths.MODEL_WEIGHTS_INDEX);
        replaced.add(VersionPaths.MODEL_CONFIG);
        base.files().stream().filter(file -> !replaced.contains(file.path())).forEach(draft::take);
    }

    @Override
    public void close() {
        weights.forEach(SafetensorsFile::close);
    }
}
