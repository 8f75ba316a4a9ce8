package dev.espalier.lm.family.bert;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.espalier.lm.Goldens;
import dev.espalier.lm.weights.ModelConfig;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** RoBERTa's positions, padding included, against transformers. */
class PositionsGoldenTest {

    @Test
    void positionsAreThoseOfTransformers() throws IOException {
        Path folder = Goldens.family("roberta");
        Path inputs = folder.resolve("inputs.safetensors");
        long[] ids = Goldens.longs(inputs, "input_ids");
        Shape grid = new Shape(Goldens.shapes(inputs).get("input_ids").toArray());
        Roberta roberta = Roberta.of(ModelConfig.read(folder.resolve("config.json")));
        try (NDManager manager = NDManager.newBaseManager();
                NDArray positions = roberta.positions(manager.create(ids, grid))) {
            assertThat(positions.toLongArray())
                    .isEqualTo(Goldens.longs(inputs, "position_ids_derived"));
        }
    }
}
