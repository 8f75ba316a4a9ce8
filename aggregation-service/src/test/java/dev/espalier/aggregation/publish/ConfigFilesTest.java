package dev.espalier.aggregation.publish;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.aggregation.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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
                PeftConfig.of(TinyModel.ADAPTER, TinyModel.structure(), TinyModel.BASE),
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
                        MergedConfig.of(config, List.of("a", "b"))
                                .path("architectures")
                                .get(0)
                                .asString())
                .isEqualTo(merged);
    }

    @Test
    void aMergedModelNamesItsLabelsBothWaysAndKeepsTheRest() {
        ObjectNode base = JsonMapper.shared().createObjectNode().put("hidden_size", 8);
        base.putObject("id2label").put("7", "old");

        ObjectNode merged = MergedConfig.of(base, List.of("ham", "spam"));

        assertThat(merged)
                .hasToString(
                        "{\"hidden_size\":8,\"id2label\":{\"0\":\"ham\",\"1\":\"spam\"},"
                                + "\"label2id\":{\"ham\":0,\"spam\":1},"
                                + "\"problem_type\":\"single_label_classification\"}");
    }
}
