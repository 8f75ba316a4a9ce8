package dev.espalier.lm.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.espalier.lm.Goldens;
import dev.espalier.lm.MiniLm;
import dev.espalier.lm.weights.FrozenWeights;
import dev.espalier.tensors.DType;
import dev.espalier.tensors.safetensors.SafetensorsFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The real all-MiniLM-L6-v2 against what transformers makes of it; F16 weights, widened. */
class MiniLmGoldenTest {

    private final Path folder = Goldens.model("all-MiniLM-L6-v2");
    private final Path golden = folder.resolve("golden.safetensors");

    @Test
    void statesAttentionsAndEmbeddingsAreThoseOfTransformers() throws IOException {
        try (BaseModel base = BaseModel.load(folder);
                SafetensorsFile expected = SafetensorsFile.open(golden)) {
            Encoder encoder = new Encoder(base);
            Encoder.States states = encoder.encode(Goldens.sequences(golden));

            int last = base.structure().layers();
            states.compareHidden(last, expected.floats("last_hidden_state"), 1e-4f);
            for (int layer : new int[] {0, last - 1}) {
                states.compareAttention(layer, expected, "attentions." + layer, 1e-4f);
            }
            float[][] embeddings = states.embeddings(last);
            float[] wanted = expected.floats("embedding");
            int hidden = base.structure().hidden();
            for (int row = 0; row < embeddings.length; row++) {
                float[] one = Arrays.copyOfRange(wanted, row * hidden, (row + 1) * hidden);
                assertThat(embeddings[row]).containsExactly(one, within(1e-4f));
            }
        }
    }

    @Test
    void theMavenArtifactHoldsTheSameWeights(@TempDir Path imported) throws IOException {
        MiniLm.importInto(imported);
        try (BaseModel published = BaseModel.load(folder);
                BaseModel base = BaseModel.load(imported)) {
            FrozenWeights halves = published.weights();

            for (String name : base.weights().shapes().keySet()) {
                if (!name.startsWith("bert.pooler.")) { // the export has none
                    requireRounded(name, base.weights().floats(name), halves.floats(name));
                }
            }
        }
    }

    private static void requireRounded(String name, float[] full, float[] halves) {
        float[] rounded = new float[full.length];
        for (int i = 0; i < full.length; i++) {
            rounded[i] = DType.F16.rounded(full[i]);
        }
        assertThat(halves).as(name).isEqualTo(rounded);
    }
}
