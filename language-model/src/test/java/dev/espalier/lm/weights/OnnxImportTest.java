package dev.espalier.lm.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.lm.MiniLm;
import dev.espalier.tensors.Shape;
import dev.espalier.tensors.safetensors.SafetensorsFile;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OnnxImportTest {

    @TempDir private static Path folder;

    @BeforeAll
    static void importOnce() throws IOException {
        MiniLm.importInto(folder);
    }

    @Test
    void theConfigurationIsReadOffTheGraph() throws IOException {
        ModelConfig config = ModelConfig.read(folder.resolve("config.json"));

        assertThat(config.texts("architectures")).containsExactly("BertForSequenceClassification");
        assertThat(config.integer("num_hidden_layers")).isEqualTo(6);
        assertThat(config.integer("num_attention_heads")).isEqualTo(12);
        assertThat(config.integer("hidden_size")).isEqualTo(384);
        assertThat(config.integer("intermediate_size")).isEqualTo(1536);
        assertThat(config.integer("vocab_size")).isEqualTo(30522);
        assertThat(config.integer("max_position_embeddings")).isEqualTo(512);
        assertThat(config.number("layer_norm_eps")).isEqualTo(1e-12);
    }

    @Test
    void linearWeightsAreTurnedToRowsOfOutputs() throws IOException {
        try (SafetensorsFile weights = SafetensorsFile.open(folder.resolve("model.safetensors"))) {
            assertThat(weights.info("bert.encoder.layer.5.intermediate.dense.weight").shape())
                    .isEqualTo(Shape.of(1536, 384));
            assertThat(weights.names())
                    .hasSize(5 + 6 * 16 + 2)
                    .allMatch(n -> n.startsWith("bert."));
        }
    }

    @Test
    void theMissingPoolerBecomesTheIdentity() throws IOException {
        try (SafetensorsFile weights = SafetensorsFile.open(folder.resolve("model.safetensors"))) {
            float[] pooler = weights.floats("bert.pooler.dense.weight");

            assertThat(weights.floats("bert.pooler.dense.bias")).containsOnly(0);
            for (int i = 0; i < pooler.length; i++) {
                assertThat(pooler[i]).isEqualTo(i % 385 == 0 ? 1 : 0);
            }
        }
    }

    @Test
    void importingTwiceGivesTheSameBytes(@TempDir Path again) throws IOException {
        MiniLm.importInto(again);

        for (String file : new String[] {"config.json", "model.safetensors", "tokenizer.json"}) {
            assertThat(Files.mismatch(folder.resolve(file), again.resolve(file))).isEqualTo(-1);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 10, 1000, 500_000, 60_000_000})
    void aFileThatIsCutOffIsRefused(int length, @TempDir Path target) throws IOException {
        try (InputStream onnx = getClass().getResourceAsStream("/all-minilm-l6-v2.onnx")) {
            byte[] part = onnx.readNBytes(length);

            assertThatThrownBy(() ->
                            OnnxImport.write(
                                    new ByteArrayInputStream(part),
                                    InputStream.nullInputStream(),
                                    target))
                    .isInstanceOf(ModelRefusedException.class);
        }
    }

    @Test
    void anEmptyFileIsRefused(@TempDir Path target) {
        assertThatThrownBy(() ->
                        OnnxImport.write(
                                InputStream.nullInputStream(),
                                InputStream.nullInputStream(),
                                target))
                .isInstanceOf(ModelRefusedException.class)
                .hasMessageContaining("word_embeddings");
    }
}
