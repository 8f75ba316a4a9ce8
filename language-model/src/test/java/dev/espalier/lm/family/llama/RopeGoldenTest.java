package dev.espalier.lm.family.llama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.espalier.lm.Goldens;
import dev.espalier.lm.weights.ModelConfig;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The angles of rotary positions against transformers. */
class RopeGoldenTest {

    @Test
    void anglesAreThoseOfTransformers() throws IOException {
        Path folder = Goldens.family("llama");
        LlamaConfig config = LlamaConfig.of(ModelConfig.read(folder.resolve("config.json")));
        float[] cos = Goldens.floats(folder.resolve("outputs.safetensors"), "rope_cos");
        float[] sin = Goldens.floats(folder.resolve("outputs.safetensors"), "rope_sin");

        float[] angles =
                Rope.angles(cos.length / config.headSize(), config.headSize(), config.ropeTheta());

        for (int i = 0; i < cos.length; i++) {
            assertThat(Math.cos(angles[i])).isCloseTo(cos[i], within(1e-5));
            assertThat(Math.sin(angles[i])).isCloseTo(sin[i], within(1e-5));
        }
    }
}
