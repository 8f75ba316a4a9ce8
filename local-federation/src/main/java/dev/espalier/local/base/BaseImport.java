package dev.espalier.local.base;

import dev.espalier.agent.model.ModelStructures;
import dev.espalier.lm.weights.OnnxImport;
import dev.espalier.local.platform.Registry;
import dev.espalier.protocol.ModelName;
import dev.espalier.protocol.model.VersionManifest;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Brings a pretrained model into a registry, described as agents will see it. */
public final class BaseImport {

    /** The name under which the bundled model is registered. */
    public static final ModelName MINILM = new ModelName("all-minilm-l6-v2");

    private static final String ONNX = "all-minilm-l6-v2.onnx";
    private static final String TOKENIZER = "all-minilm-l6-v2-tokenizer.json";

    private BaseImport() {}

    /**
     * The bundled all-MiniLM-L6-v2 (22.7 million parameters, Apache-2.0) as a Hugging Face folder,
     * written once.
     *
     * @param models holds one folder for each model
     */
    public static Path minilm(Path models) throws IOException {
        Path folder = models.resolve(MINILM.value());
        if (Files.isDirectory(folder)) {
            return folder;
        }
        Path unfinished = models.resolve(MINILM + ".unfinished");
        try (InputStream onnx = bundled(ONNX);
                InputStream tokenizer = bundled(TOKENIZER)) {
            OnnxImport.write(onnx, tokenizer, unfinished);
        }
        return Files.move(unfinished, folder, StandardCopyOption.ATOMIC_MOVE);
    }

    /**
     * Publishes a Hugging Face folder. Publishing the same again is free.
     *
     * @throws IOException where the folder is no model that agents can load, saying why
     */
    public static VersionManifest publish(Registry registry, ModelName name, Path folder)
            throws IOException, InterruptedException {
        if (!Files.isDirectory(folder)) {
            throw new FileNotFoundException(folder + " is not a folder");
        }
        return registry.publishBase(name, folder, ModelStructures.describe(folder));
    }

    private static InputStream bundled(String name) throws IOException {
        InputStream stream = BaseImport.class.getClassLoader().getResourceAsStream(name);
        if (stream == null) {
            throw new FileNotFoundException(name + " is not on the class path");
        }
        return stream;
    }
}
