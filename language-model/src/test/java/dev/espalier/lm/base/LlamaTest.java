package dev.espalier.lm.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.espalier.lm.Goldens;
import dev.espalier.lm.family.AttentionBlock;
import dev.espalier.tensors.Shape;
import dev.espalier.tensors.safetensors.SafetensorsFile;
import dev.espalier.tensors.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class LlamaTest extends ModelFamilyContract {

    private static final Path TINY = Goldens.bundled("llama");

    @Override
    Path smallModel() {
        return TINY;
    }

    /** Grouped-query attention is attention in which neighbouring heads have equal keys, values. */
    @Test
    void sharedKeysAndValuesAreRepeatedOnes(@TempDir Path folder) throws IOException {
        try (BaseModel shared = BaseModel.load(TINY)) {
            AttentionBlock block = shared.structure().attention().getFirst();
            assertThat(block.keyValueHeads()).isLessThan(block.heads());
            repeat(block, folder);
            try (BaseModel repeated = BaseModel.load(folder)) {
                assertThat(repeated.structure().attention().getFirst().keyValueHeads())
                        .isEqualTo(block.heads());
                int last = shared.structure().layers();
                var texts = Goldens.sequences(TINY.resolve("inputs.safetensors"));

                assertThat(new Encoder(repeated).encode(texts).hidden(last))
                        .containsExactly(
                                new Encoder(shared).encode(texts).hidden(last), within(1e-5f));
            }
        }
    }

    /** As transformers 5 writes it: inside {@code rope_parameters}, and nowhere else. */
    @Test
    void theBaseOfTheRotationMayLieInItsOwnSettings(@TempDir Path folder) throws IOException {
        float[] usual = lastStates(rotating(folder, "{\"rope_theta\":10000.0}"));

        assertThat(usual).isEqualTo(lastStates(TINY));
        assertThat(lastStates(rotating(folder, "{\"rope_theta\":500.0,\"rope_type\":\"default\"}")))
                .isNotEqualTo(usual)
                .isEqualTo(lastStates(rotating(folder, null)));
    }

    /** The small model with such {@code rope_parameters}, or with 500 as others write it. */
    private static Path rotating(Path folder, @Nullable String parameters) throws IOException {
        JsonMapper json = JsonMapper.shared();
        var config = (ObjectNode) json.readTree(Files.readString(TINY.resolve("config.json")));
        config.remove(List.of("rope_theta", "rope_parameters"));
        if (parameters == null) {
            config.put("rope_theta", 500);
        } else {
            config.set("rope_parameters", json.readTree(parameters));
        }
        Files.writeString(folder.resolve("config.json"), config.toString());
        Files.copy(
                TINY.resolve("model.safetensors"),
                folder.resolve("model.safetensors"),
                StandardCopyOption.REPLACE_EXISTING);
        return folder;
    }

    private static float[] lastStates(Path folder) throws IOException {
        try (BaseModel model = BaseModel.load(folder)) {
            var texts = Goldens.sequences(TINY.resolve("inputs.safetensors"));
            return new Encoder(model).encode(texts).hidden(model.structure().layers());
        }
    }

    /** Writes the model with as many key and value heads as heads. */
    private static void repeat(AttentionBlock block, Path folder) throws IOException {
        int times = block.heads() / block.keyValueHeads();
        try (SafetensorsFile from = SafetensorsFile.open(TINY.resolve("model.safetensors"))) {
            SafetensorsWriter to = new SafetensorsWriter();
            for (String name : from.names()) {
                Shape shape = from.info(name).shape();
                float[] values = from.floats(name);
                boolean keyOrValue = name.contains("k_proj") || name.contains("v_proj");
                if (keyOrValue) {
                    int width = (int) shape.dimension(1);
                    shape = Shape.of(shape.dimension(0) * times, width);
                    values = repeated(values, block.headSize() * width, times);
                }
                to.floats(name, shape, values);
            }
            to.write(folder.resolve("model.safetensors"));
        }
        JsonMapper json = JsonMapper.shared();
        var config = (ObjectNode) json.readTree(Files.readString(TINY.resolve("config.json")));
        config.put("num_key_value_heads", block.heads());
        Files.writeString(folder.resolve("config.json"), config.toString());
    }

    private static float[] repeated(float[] values, int head, int times) {
        float[] repeated = new float[values.length * times];
        for (int copy = 0; copy < repeated.length / head; copy++) {
            System.arraycopy(values, copy / times * head, repeated, copy * head, head);
        }
        return repeated;
    }
}
