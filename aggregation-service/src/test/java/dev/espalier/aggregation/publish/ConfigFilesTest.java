package dev.espalier.aggregation.publish;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.aggregation.TinyModel;
import dev.espalier.protocol.job.TaskKind;
import dev.espalier.protocol.job.TaskSpec;
import dev.espalier.protocol.model.ModelStructure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class ConfigFilesTest {

    @TempDir Path folder;

    @Test
    void anAdapterIsDescribedAsPeftDoes() throws IOException {
        HouseJson.write(
                PeftConfig.of(frame(TinyModel.structure(), TinyModel.TASK)),
                folder.resolve("adapter_config.json"));

        assertThat(Files.readString(folder.resolve("adapter_config.json")))
                .isEqualTo(
                        """
                        {
                          "alpha_pattern" : { },
                          "auto_mapping" : null,
                          "base_model_name_or_path" : "tiny",
                          "bias" : "none",
                          "fan_in_fan_out" : false,
                          "inference_mode" : true,
                          "init_lora_weights" : true,
                          "layers_pattern" : null,
                          "layers_to_transform" : null,
                          "lora_alpha" : 4,
                          "lora_dropout" : 0.0,
                          "modules_to_save" : [
                            "classifier"
                          ],
                          "peft_type" : "LORA",
                          "r" : 2,
                          "rank_pattern" : { },
                          "revision" : "1",
                          "target_modules" : [
                            "out",
                            "query",
                            "value"
                          ],
                          "task_type" : "SEQ_CLS"
                        }
                        """);
    }

    @ParameterizedTest(name = "{0} of a {1}")
    @CsvSource({
        "TEXT_TO_TEXT, t5, SEQ_2_SEQ_LM, false",
        "CAUSAL_LANGUAGE_MODELLING, llama, CAUSAL_LM, false",
        "CAUSAL_LANGUAGE_MODELLING, gpt2, CAUSAL_LM, true"
    })
    void anAdapterOfALanguageModelSaysWhatItIsForAndHowLayersAreStored(
            TaskKind kind, String family, String type, boolean turned) {
        Map<String, Object> config =
                PeftConfig.of(frame(withoutHead(family), new TaskSpec(kind, List.of(), 16, null)));

        assertThat(config)
                .containsEntry("task_type", type)
                .containsEntry("fan_in_fan_out", turned)
                .containsEntry("modules_to_save", null);
    }

    private static Publisher.Frame frame(ModelStructure structure, TaskSpec task) {
        return new Publisher.Frame(TinyModel.BASE, structure, TinyModel.ADAPTER, task);
    }

    private static ModelStructure withoutHead(String family) {
        ModelStructure tiny = TinyModel.structure();
        return new ModelStructure(
                family,
                tiny.layers(),
                tiny.hiddenSize(),
                tiny.maxPositions(),
                tiny.vocabularySize(),
                tiny.parameters(),
                tiny.linears(),
                tiny.attentionBlocks(),
                List.of(),
                tiny.defaultTargetModules());
    }

    @ParameterizedTest
    @CsvSource({
        "gpt2, GPT2Model, GPT2LMHeadModel",
        "opt, OPTModel, OPTForCausalLM",
        "llama, LlamaForCausalLM, LlamaForCausalLM",
        "t5, T5ForConditionalGeneration, T5ForConditionalGeneration",
        "mamba, MambaForCausalLM, MambaForCausalLM"
    })
    void aMergedModelThatWritesIsTheWholeOneOfItsFamilyAndKeepsTheRest(
            String type, String base, String merged) {
        ObjectNode config =
                JsonMapper.shared()
                        .createObjectNode()
                        .put("model_type", type)
                        .put("tie_word_embeddings", false);
        config.putArray("architectures").add(base);

        ObjectNode written = MergedConfig.writer(config);

        assertThat(written.path("architectures").get(0).asString()).isEqualTo(merged);
        assertThat(written.remove("architectures")).hasSize(1);
        assertThat(written)
                .hasToString(
                        "{\"model_type\":\"%s\",\"tie_word_embeddings\":false}".formatted(type));
    }

    @ParameterizedTest
    @CsvSource({"torch_dtype", "dtype"})
    void aBaseThatWasMergedInF32IsNotSaidToBeNarrower(String key) {
        ObjectNode config = JsonMapper.shared().createObjectNode().put(key, "bfloat16").put("a", 1);

        ObjectNode widened = MergedConfig.widened(config);

        assertThat(widened.get(key).asString()).isEqualTo("float32");
        assertThat(widened.get("a")).isEqualTo(config.get("a"));
        assertThat(widened.propertyNames()).hasSize(2);
        assertThat(config.get(key).asString()).as("the base's own").isEqualTo("bfloat16");
    }

    @ParameterizedTest
    @CsvSource({
        "BertModel,BertForSequenceClassification",
        "BertForMaskedLM,BertForSequenceClassification",
        "BertForSequenceClassification,BertForSequenceClassification",
        "GPT2LMHeadModel,GPT2ForSequenceClassification",
        "OPTForCausalLM,OPTForSequenceClassification"
    })
    void aMergedModelIsTheClassifierOfItsFamily(String base, String merged) {
        ObjectNode config = JsonMapper.shared().createObjectNode();
        config.putArray("architectures").add(base);

        assertThat(
                        MergedConfig.classifier(config, List.of("a", "b"))
                                .path("architectures")
                                .get(0)
                                .asString())
                .isEqualTo(merged);
    }

    @Test
    void aMergedModelNamesItsLabelsBothWaysAndKeepsTheRest() {
        ObjectNode base = JsonMapper.shared().createObjectNode().put("hidden_size", 8);
        base.putObject("id2label").put("7", "old");

        ObjectNode merged = MergedConfig.classifier(base, List.of("ham", "spam"));

        assertThat(merged)
                .hasToString(
                        "{\"hidden_size\":8,\"id2label\":{\"0\":\"ham\",\"1\":\"spam\"},"
                                + "\"label2id\":{\"ham\":0,\"spam\":1},"
                                + "\"problem_type\":\"single_label_classification\"}");
    }
}
