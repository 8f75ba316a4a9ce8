package dev.espalier.lm.base;

import dev.espalier.lm.Goldens;
import dev.espalier.tensors.safetensors.SafetensorsFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The inside of the models against transformers. */
class StatesGoldenTest {

    static Stream<String> families() {
        return Goldens.families().filter(family -> Goldens.textToText().noneMatch(family::equals));
    }

    static Stream<String> textToText() {
        return Goldens.textToText();
    }

    @ParameterizedTest
    @MethodSource("families")
    void hiddenStatesAndAttentionsAreThoseOfTransformers(String family) throws IOException {
        Path folder = Goldens.family(family);
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
                states.compareAttention(layer, expected, "attentions." + layer, 1e-5f);
            }
        }
    }

    /** Both stacks, and what passes between them. */
    @ParameterizedTest
    @MethodSource("textToText")
    void encoderAndDecoderAreThoseOfTransformers(String family) throws IOException {
        Path folder = Goldens.family(family);
        try (BaseModel base = BaseModel.load(folder)) {
            TwoStacks.of(base, folder.resolve("inputs.safetensors"))
                    .compare(folder.resolve("outputs.safetensors"), 1e-5f);
        }
    }
}
