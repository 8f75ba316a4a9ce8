package dev.espalier.lm;

import dev.espalier.lm.weights.OnnxImport;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;

/** The real pretrained encoder that lies in a Maven artifact. */
public final class MiniLm {

    private MiniLm() {}

    /** Writes it as a Hugging Face folder. */
    public static Path importInto(Path folder) throws IOException {
        try (InputStream onnx = resource("/all-minilm-l6-v2.onnx");
                InputStream tokenizer = resource("/all-minilm-l6-v2-tokenizer.json")) {
            OnnxImport.write(onnx, tokenizer, folder);
        }
        return folder;
    }

    private static InputStream resource(String name) {
        return MiniLm.class.getResourceAsStream(name);
    }
}
