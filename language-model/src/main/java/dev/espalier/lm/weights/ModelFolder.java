package dev.espalier.lm.weights;

import dev.espalier.tensors.safetensors.SafetensorsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A Hugging Face model folder: {@code config.json}, {@code tokenizer.json}, and the weights in one
 * {@code model.safetensors} or in the shards that {@code model.safetensors.index.json} names.
 */
public final class ModelFolder {

    /** Where the configuration is. */
    public static final String CONFIG = "config.json";

    /** Where the tokenizer is. */
    public static final String TOKENIZER = "tokenizer.json";

    /** Where the weights are if they are one file. */
    public static final String WEIGHTS = "model.safetensors";

    /** Where the usual settings of generation are. */
    public static final String GENERATION = "generation_config.json";

    private static final String INDEX = "model.safetensors.index.json";

    private final Path folder;
    private final ModelConfig config;

    private ModelFolder(Path folder, ModelConfig config) {
        this.folder = folder;
        this.config = config;
    }

    /**
     * @throws ModelRefusedException if there is no readable {@code config.json}
     */
    public static ModelFolder open(Path folder) throws IOException {
        return new ModelFolder(folder, ModelConfig.read(folder.resolve(CONFIG)));
    }

    public Path path() {
        return folder;
    }

    public ModelConfig config() {
        return config;
    }

    /**
     * What says how to continue texts: {@code generation_config.json}, or {@link #config} in
     * folders without one.
     */
    public ModelConfig generation() throws IOException {
        Path file = folder.resolve(GENERATION);
        return Files.isRegularFile(file) ? ModelConfig.read(file) : config;
    }

    public Path tokenizer() {
        return folder.resolve(TOKENIZER);
    }

    /** Opens every file that holds weights; the caller closes them. */
    List<SafetensorsFile> openWeights() throws IOException {
        List<SafetensorsFile> files = new ArrayList<>();
        try {
            for (Path file : weightFiles()) {
                files.add(SafetensorsFile.open(file));
            }
            return files;
        } catch (IOException | RuntimeException e) {
            files.forEach(SafetensorsFile::close);
            throw e;
        }
    }

    private Set<Path> weightFiles() throws IOException {
        Path single = folder.resolve(WEIGHTS);
        if (Files.isRegularFile(single)) {
            return Set.of(single);
        }
        Path index = folder.resolve(INDEX);
        if (Files.isRegularFile(index)) {
            return shards(index);
        }
        throw new ModelRefusedException("neither " + WEIGHTS + " nor " + INDEX + " in " + folder);
    }

    private Set<Path> shards(Path index) throws IOException {
        JsonNode map = JsonMapper.shared().readTree(Files.readString(index)).path("weight_map");
        Set<String> names = new TreeSet<>();
        map.forEach(shard -> names.add(shard.asString()));
        Set<Path> files = new LinkedHashSet<>();
        for (String name : names) {
            files.add(inside(name));
        }
        return files;
    }

    /** A shard's name comes from a file we did not write: it must not lead out of the folder. */
    private Path inside(String name) {
        Path file = folder.resolve(name).normalize();
        if (!folder.normalize().equals(file.getParent()) || !Files.isRegularFile(file)) {
            throw new ModelRefusedException(INDEX + " names a shard that is not there: " + name);
        }
        return file;
    }
}
