package dev.espalier.benchmarks.training;

import dev.espalier.lm.adapter.AdapterSettings;
import dev.espalier.lm.adapter.TargetModules;
import dev.espalier.lm.adapter.TaskHead;
import dev.espalier.lm.weights.OnnxImport;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;

/**
 * all-MiniLM-L6-v2, a BERT of 6 layers, 384 wide, 12 heads, feed-forward 1536, from its Maven
 * artifact.
 */
final class MiniLm {

    /** LoRA on query and value, and a classifier of two labels. No dropout. */
    static final AdapterSettings ADAPTER =
            new AdapterSettings(
                    8,
                    16,
                    0,
                    TargetModules.names("query", "value"),
                    TaskHead.trained(List.of("ham", "spam")));

    private MiniLm() {}

    /** Writes it as a Hugging Face folder. */
    static Path importInto(Path folder) throws IOException {
        try (InputStream onnx = resource("/all-minilm-l6-v2.onnx");
                InputStream tokenizer = resource("/all-minilm-l6-v2-tokenizer.json")) {
            OnnxImport.write(onnx, tokenizer, folder);
        }
        return folder;
    }

    private static InputStream resource(String name) throws IOException {
        InputStream found = MiniLm.class.getResourceAsStream(name);
        if (found == null) {
            throw new FileNotFoundException(name + " is not on the class path");
        }
        return found;
    }
}
