package dev.espalier.lm.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.lm.Goldens;
import dev.espalier.lm.adapter.AdapterSettings;
import dev.espalier.lm.adapter.AdapterWeights;
import dev.espalier.lm.adapter.TargetModules;
import dev.espalier.lm.adapter.TaskHead;
import dev.espalier.lm.compute.Precision;
import dev.espalier.lm.family.AttentionBlock;
import dev.espalier.lm.family.AttentionKind;
import dev.espalier.lm.family.HeadMask;
import dev.espalier.lm.family.LinearLayer;
import dev.espalier.lm.weights.ModelRefusedException;
import dev.espalier.tensors.DType;
import dev.espalier.tensors.safetensors.SafetensorsFile;
import dev.espalier.tensors.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class BaseModelTest {

    private static final Path TINY = Goldens.bundled("bert");
    private static final String WEIGHTS = "model.safetensors";
    private static final String CONFIG = "config.json";
    private static final AdapterSettings ADAPTER =
            new AdapterSettings(
                    2,
                    4,
                    0,
                    TargetModules.names("query", "value"),
                    TaskHead.trained(List.of("ham", "spam")));

    @TempDir private Path folder;

    @Test
    void theStructureNamesWhatTheModelConsistsOf() throws IOException {
        try (BaseModel base = BaseModel.load(TINY)) {
            assertThat(base.structure().family()).isEqualTo("bert");
            assertThat(base.structure().linears())
                    .hasSize(2 * 6 + 1)
                    .contains(new LinearLayer("bert.encoder.layer.1.output.dense", 64, 32));
            assertThat(base.structure().attention().get(1))
                    .isEqualTo(
                            new AttentionBlock(
                                    AttentionKind.ENCODER,
                                    "bert.encoder.layer.1.attention",
                                    4,
                                    8,
                                    "bert.encoder.layer.1.attention.self.query",
                                    "bert.encoder.layer.1.attention.self.key",
                                    "bert.encoder.layer.1.attention.self.value",
                                    "bert.encoder.layer.1.attention.output.dense"));
            assertThat(base.structure().taskHead(7))
                    .containsExactly(new LinearLayer("classifier", 32, 7));
            assertThat(base.structure().parameters()).isEqualTo(23_392);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "model_type, '\"gpt5\"'",
        "hidden_act, '\"relu\"'",
        "position_embedding_type, '\"relative_key\"'",
        "is_decoder, true",
        "add_cross_attention, true",
        "pruned_heads, '{\"0\":[1]}'",
        "problem_type, '\"regression\"'",
        "num_attention_heads, 5",
        "num_attention_heads, 0",
        "hidden_size, '\"many\"'",
        "vocab_size, null",
        "hidden_dropout_prob, 1.5",
        "quantization_config, '{\"bits\":4}'",
        "id2label, '{\"1\":\"a\",\"2\":\"b\"}'"
    })
    void aSettingThatIsNotSupportedIsRefusedByName(String key, String value) throws IOException {
        Files.copy(TINY.resolve(WEIGHTS), folder.resolve(WEIGHTS));
        writeConfig(key, value);

        assertThatThrownBy(() -> BaseModel.load(folder))
                .isInstanceOf(ModelRefusedException.class)
                .hasMessageContaining(key);
    }

    @Test
    void aConfigurationThatDisagreesWithTheWeightsIsRefused() throws IOException {
        Files.copy(TINY.resolve(WEIGHTS), folder.resolve(WEIGHTS));
        writeConfig("intermediate_size", "65");

        assertThatThrownBy(() -> BaseModel.load(folder))
                .isInstanceOf(ModelRefusedException.class)
                .hasMessageContaining("bert.encoder.layer.0.intermediate.dense")
                .hasMessageContaining("config.json says");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"bert.pooler.dense.weight", "bert.encoder.layer.1.attention.self.key.bias"})
    void aMissingTensorIsRefusedByName(String name) throws IOException {
        Files.copy(TINY.resolve(CONFIG), folder.resolve(CONFIG));
        rewrite(WEIGHTS, tensor -> !tensor.equals(name), UnaryOperator.identity(), DType.F32);

        assertThatThrownBy(() -> BaseModel.load(folder))
                .isInstanceOf(ModelRefusedException.class)
                .hasMessageContaining(name)
                .hasMessageContaining("missing");
    }

    @Test
    void aHeadThatDoesNotFitTheLabelsIsRefused() throws IOException {
        Files.copy(TINY.resolve(WEIGHTS), folder.resolve(WEIGHTS));
        writeConfig("id2label", "{\"0\": \"ham\", \"1\": \"spam\"}");

        assertThatThrownBy(() -> BaseModel.load(folder))
                .isInstanceOf(ModelRefusedException.class)
                .hasMessageContaining("classifier.");
    }

    @Test
    void aFolderWithoutWeightsOrConfigurationIsRefused() throws IOException {
        assertThatThrownBy(() -> BaseModel.load(folder))
                .isInstanceOf(ModelRefusedException.class)
                .hasMessageContaining(CONFIG);

        Files.copy(TINY.resolve(CONFIG), folder.resolve(CONFIG));
        assertThatThrownBy(() -> BaseModel.load(folder))
                .isInstanceOf(ModelRefusedException.class)
                .hasMessageContaining(WEIGHTS);
    }

    @Test
    void aTokenizerWithMoreIdsThanEmbeddingsIsRefused() throws IOException {
        Files.copy(TINY.resolve(CONFIG), folder.resolve(CONFIG));
        Files.copy(TINY.resolve(WEIGHTS), folder.resolve(WEIGHTS));
        try (InputStream in = getClass().getResourceAsStream("/all-minilm-l6-v2-tokenizer.json")) {
            Files.copy(in, folder.resolve("tokenizer.json"));
        }

        assertThatThrownBy(() -> BaseModel.load(folder))
                .isInstanceOf(ModelRefusedException.class)
                .hasMessageContaining("30522")
                .hasMessageContaining("128");
    }

    @Test
    void aFolderWithoutTokenizerStillComputes() throws IOException {
        try (BaseModel base = BaseModel.load(TINY)) {
            assertThatThrownBy(base::tokenizer)
                    .isInstanceOf(ModelRefusedException.class)
                    .hasMessageContaining("tokenizer.json");
        }
    }

    @Test
    void namesOfTheBareEncoderAndOfOldCheckpointsAreUnderstood() throws IOException {
        Files.copy(TINY.resolve(CONFIG), folder.resolve(CONFIG));
        rewrite(
                WEIGHTS,
                tensor -> tensor.startsWith("bert."),
                tensor ->
                        tensor.substring("bert.".length())
                                .replace("LayerNorm.weight", "LayerNorm.gamma")
                                .replace("LayerNorm.bias", "LayerNorm.beta"),
                DType.F32);

        try (BaseModel whole = BaseModel.load(TINY);
                BaseModel bare = BaseModel.load(folder)) {
            assertThat(bare.hasTaskHead()).isFalse();
            for (String name : bare.weights().shapes().keySet()) {
                assertThat(bare.weights().get(name).toFloatArray())
                        .isEqualTo(whole.weights().get(name).toFloatArray());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"F16", "BF16"})
    void halfPrecisionIsWidenedWhenLoaded(DType dtype) throws IOException {
        Files.copy(TINY.resolve(CONFIG), folder.resolve(CONFIG));
        rewrite(WEIGHTS, tensor -> true, UnaryOperator.identity(), dtype);

        try (BaseModel full = BaseModel.load(TINY);
                BaseModel half = BaseModel.load(folder)) {
            String name = "bert.encoder.layer.0.attention.self.query.weight";
            float[] expected = full.weights().get(name).toFloatArray();
            for (int i = 0; i < expected.length; i++) {
                expected[i] = dtype.rounded(expected[i]);
            }
            assertThat(half.weights().get(name).toFloatArray()).isEqualTo(expected);
        }
    }

    @Test
    void weightsMayLieInShards() throws IOException {
        Files.copy(TINY.resolve(CONFIG), folder.resolve(CONFIG));
        Predicate<String> encoder = name -> name.startsWith("bert.encoder.");
        rewrite("model-00001-of-00002.safetensors", encoder, UnaryOperator.identity(), DType.F32);
        rewrite(
                "model-00002-of-00002.safetensors",
                encoder.negate(),
                UnaryOperator.identity(),
                DType.F32);
        Files.writeString(
                folder.resolve("model.safetensors.index.json"),
                """
                {"weight_map": {"a": "model-00001-of-00002.safetensors",
                                "b": "model-00002-of-00002.safetensors"}}
                """);

        try (BaseModel whole = BaseModel.load(TINY);
                BaseModel sharded = BaseModel.load(folder)) {
            assertThat(sharded.weights().shapes()).isEqualTo(whole.weights().shapes());
            assertThat(sharded.hasTaskHead()).isTrue();
        }
    }

    @Test
    void aShardOutsideTheFolderIsRefused() throws IOException {
        Files.copy(TINY.resolve(CONFIG), folder.resolve(CONFIG));
        Files.writeString(
                folder.resolve("model.safetensors.index.json"),
                "{\"weight_map\": {\"a\": \"../model.safetensors\"}}");

        assertThatThrownBy(() -> BaseModel.load(folder))
                .isInstanceOf(ModelRefusedException.class)
                .hasMessageContaining("../model.safetensors");
    }

    @Test
    void aFreshHeadIsDrawnUnlessTheBaseKnowsTheLabels() throws IOException {
        AdapterSettings known =
                new AdapterSettings(
                        2,
                        4,
                        0,
                        TargetModules.names("query"),
                        TaskHead.trained(List.of("LABEL_0", "LABEL_1", "LABEL_2", "LABEL_3")));
        String head = "base_model.model.classifier.weight";
        try (BaseModel base = BaseModel.load(TINY)) {
            AdapterWeights drawn = base.freshAdapter(ADAPTER, 1);

            assertThat(drawn.values(head)).hasSize(64).isNotEqualTo(new float[64]);
            assertThat(base.freshAdapter(known, 1).values(head))
                    .isEqualTo(base.weights().floats("classifier.weight"));
            assertThat(drawn).isEqualTo(base.freshAdapter(ADAPTER, 1));
            assertThat(drawn).isNotEqualTo(base.freshAdapter(ADAPTER, 2));
        }
    }

    @Test
    void aFrozenHeadThatIsNotThereIsRefused() throws IOException {
        Files.copy(TINY.resolve(CONFIG), folder.resolve(CONFIG));
        rewrite(WEIGHTS, name -> name.startsWith("bert."), UnaryOperator.identity(), DType.F32);
        AdapterSettings frozen =
                new AdapterSettings(2, 4, 0, TargetModules.names("query"), TaskHead.frozen());

        try (BaseModel base = BaseModel.load(folder)) {
            assertThatThrownBy(() -> base.layout(frozen))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("no classification head");
        }
    }

    @Test
    void aMergedModelCarriesTheLabels(@TempDir Path merged) throws IOException {
        try (BaseModel base = BaseModel.load(TINY)) {
            MergedModel.write(base, ADAPTER, base.freshAdapter(ADAPTER, 1), merged);
        }

        try (BaseModel again = BaseModel.load(merged)) {
            assertThat(again.structure().labels()).containsExactly("ham", "spam");
            assertThat(again.hasTaskHead()).isTrue();
        }
        assertThat(Files.readString(merged.resolve(CONFIG)))
                .contains("\"BertForSequenceClassification\"")
                .contains("\"spam\" : 1");
    }

    @Test
    void aModelThatLostHeadsIsNeitherMergedNorUndone(@TempDir Path written) throws IOException {
        try (BaseModel base = BaseModel.load(TINY)) {
            boolean[][] heads = HeadMask.all(base.structure()).toArray();
            heads[1][2] = false;
            try (BaseModel left = base.keeping(HeadMask.of(heads))) {
                AdapterWeights weights = left.freshAdapter(ADAPTER, 1);

                assertThatThrownBy(() -> MergedModel.write(left, ADAPTER, weights, written))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("lost heads");
                assertThatThrownBy(() -> MergedModel.undo(left, ADAPTER, weights, written))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("lost heads");
            }
        }
        assertThat(written).isEmptyDirectory();
    }

    @Test
    void aMergedModelCountsItsOwnLabels(@TempDir Path merged) throws IOException {
        Files.copy(TINY.resolve(WEIGHTS), folder.resolve(WEIGHTS));
        writeConfig("num_labels", "4");
        try (BaseModel base = BaseModel.load(folder)) {
            MergedModel.write(base, ADAPTER, base.freshAdapter(ADAPTER, 1), merged);
        }

        try (BaseModel again = BaseModel.load(merged)) {
            assertThat(again.structure().labels()).containsExactly("ham", "spam");
        }
    }

    @Test
    void weightsAreKnownAgainByTheirIdentity(@TempDir Path merged) throws IOException {
        try (BaseModel base = BaseModel.load(TINY);
                BaseModel again = BaseModel.load(TINY, Precision.DOUBLE);
                BaseModel left = base.keeping(HeadMask.all(base.structure()))) {
            String identity = base.weights().identity();
            MergedModel.write(base, ADAPTER, base.freshAdapter(ADAPTER, 1), merged);

            assertThat(again.weights().identity()).isEqualTo(identity);
            assertThat(left.weights().identity()).isEqualTo(identity);
            try (BaseModel other = BaseModel.load(merged)) {
                assertThat(other.weights().identity()).isNotEqualTo(identity);
            }
        }
    }

    private void writeConfig(String key, String value) throws IOException {
        var config =
                (ObjectNode) JsonMapper.shared().readTree(Files.readString(TINY.resolve(CONFIG)));
        config.set(key, JsonMapper.shared().readTree(value));
        Files.writeString(folder.resolve(CONFIG), config.toString());
    }

    private void rewrite(
            String file, Predicate<String> chosen, UnaryOperator<String> renamed, DType dtype)
            throws IOException {
        try (SafetensorsFile from = SafetensorsFile.open(TINY.resolve(WEIGHTS))) {
            SafetensorsWriter to = new SafetensorsWriter();
            for (String name : from.names()) {
                if (chosen.test(name)) {
                    to.floats(
                            renamed.apply(name), dtype, from.info(name).shape(), from.floats(name));
                }
            }
            to.write(folder.resolve(file));
        }
    }
}
