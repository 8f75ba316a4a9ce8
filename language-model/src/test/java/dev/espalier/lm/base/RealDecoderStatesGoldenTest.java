package dev.espalier.lm.base;

import dev.espalier.lm.Goldens;
import dev.espalier.tensors.safetensors.SafetensorsFile;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The inside of small real decoders against transformers. */
class RealDecoderStatesGoldenTest {

    @ParameterizedTest
    @ValueSource(strings = {"stories260K", "opt-wikitext2"})
    void hiddenStatesAndAttentionsAreThoseOfTransformers(String model) throws IOException {
        Path folder = Goldens.model(model);
        Path golden = folder.resolve("golden.safetensors");
        try (BaseModel base = BaseModel.load(folder);
                SafetensorsFile expected = SafetensorsFile.open(golden)) {
            Encoder.States states = new Encoder(base).encode(Goldens.sequences(golden));
            int time = (int) expected.info("input_ids").shape().dimension(1);
            long[] mask = Goldens.mask(golden);
            for (int row = 0; row < mask.length / time; row++) {
                states.leftPadding(row, Goldens.firstToken(mask, row * time));
            }

            for (int i = 0; i <= base.structure().layers(); i++) {
                states.compareHidden(i, expected.floats("hidden_states." + i), 1e-4f);
            }
            for (int layer = 0; expected.contains("attentions." + layer); layer++) {
                states.compareAttention(layer, expected, "attentions." + layer, 1e-4f);
            }
        }
    }

    @Test
    void encoderAndDecoderAreThoseOfTransformers() throws IOException {
        Path folder = Goldens.model("t5-denoise");
        Path golden = folder.resolve("golden.safetensors");
        try (BaseModel base = BaseModel.load(folder)) {
            TwoStacks.of(base, golden).compare(golden, 1e-4f);
        }
    }
}
