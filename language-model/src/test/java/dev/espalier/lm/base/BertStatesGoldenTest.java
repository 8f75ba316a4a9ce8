package dev.espalier.lm.base;

import dev.espalier.lm.Goldens;
import dev.espalier.tensors.safetensors.SafetensorsFile;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The inside of BERT against transformers. */
class BertStatesGoldenTest {

    private final Path folder = Goldens.family("bert");

    @Test
    void hiddenStatesAndAttentionsAreThoseOfTransformers() throws IOException {
        try (BaseModel base = BaseModel.load(folder);
                SafetensorsFile expected =
                        SafetensorsFile.open(folder.resolve("outputs.safetensors"))) {
            Encoder.States states =
                    new Encoder(base)
                            .encode(Goldens.sequences(folder.resolve("inputs.safetensors")));

            for (int i = 0; i <= base.structure().layers(); i++) {
                states.compareHidden(i, expected.floats("hidden_states." + i), 1e-5f);
            }
            for (int layer = 0; layer < base.structure().layers(); layer++) {
                states.compareAttention(layer, expected.floats("attentions." + layer), 1e-5f);
            }
        }
    }
}
