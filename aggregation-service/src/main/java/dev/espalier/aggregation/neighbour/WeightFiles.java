package dev.espalier.aggregation.neighbour;

import dev.espalier.problem.ProblemException;
import dev.espalier.protocol.model.VersionManifest;
import dev.espalier.protocol.problem.ProblemType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** Which files of a whole model hold its weights: one, or the shards that its index names. */
public final class WeightFiles {

    private WeightFiles() {}

    /**
     * By their paths in the version.
     *
     * @throws ProblemException MODEL_DOES_NOT_FIT if the version is no whole model
     */
    public static SortedSet<String> names(ModelRegistry registry, VersionManifest model)
            throws IOException {
        SortedSet<String> names = new TreeSet<>();
        if (model.file(VersionPaths.MODEL_WEIGHTS).isPresent()) {
            names.add(VersionPaths.MODEL_WEIGHTS);
            return names;
        }
        Path index = registry.file(model, VersionPaths.MODEL_WEIGHTS_INDEX);
        try {
            JsonMapper.shared()
                    .readTree(Files.readString(index))
                    .path("weight_map")
                    .forEach(shard -> names.add(shard.asString()));
        } catch (JacksonException notJson) {
            // refused below, like an index without a file
        }
        if (names.isEmpty()) {
            throw new ProblemException(
                    ProblemType.MODEL_DOES_NOT_FIT,
                    model.ref() + " has an index that names no file of weights");
        }
        return names;
    }

    /**
     * On this machine, verified.
     *
     * @throws ProblemException MODEL_DOES_NOT_FIT if the version is no whole model
     */
    public static List<Path> of(ModelRegistry registry, VersionManifest model) throws IOException {
        List<Path> files = new ArrayList<>();
        for (String name : names(registry, model)) {
            files.add(registry.file(model, name));
        }
        return files;
    }
}
