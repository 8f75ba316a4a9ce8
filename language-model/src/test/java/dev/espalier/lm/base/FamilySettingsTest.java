package dev.espalier.lm.base;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.lm.Goldens;
import dev.espalier.lm.weights.ModelRefusedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What each family makes of settings that it does not implement, and of equal ones. */
class FamilySettingsTest {

    @TempDir private Path folder;

    @ParameterizedTest
    @CsvSource({
        "roberta, hidden_act, '\"relu\"'",
        "roberta, position_embedding_type, '\"relative_key\"'",
        "roberta, pad_token_id, 33",
        "roberta, num_attention_heads, 5",
        "roberta, is_decoder, true",
        "roberta, num_labels, 5",
        "opt, activation_function, '\"gelu\"'",
        "opt, do_layer_norm_before, false",
        "opt, enable_bias, false",
        "opt, layer_norm_elementwise_affine, false",
        "opt, tie_word_embeddings, false",
        "opt, layerdrop, 0.1",
        "opt, _remove_final_layer_norm, true",
        "opt, word_embed_proj_dim, 16",
        "opt, num_attention_heads, 5",
        "opt, dropout, 1.5",
        "llama, hidden_act, '\"gelu\"'",
        "llama, pretraining_tp, 2",
        "llama, rope_scaling, '{\"type\":\"linear\",\"factor\":2.0}'",
        "llama, rope_parameters, '{\"rope_type\":\"llama3\",\"rope_theta\":10000.0}'",
        "llama, rope_parameters, '{\"type\":\"yarn\"}'",
        "llama, rope_parameters, '{\"rope_theta\":500000.0}'",
        "llama, rope_parameters, '{\"rope_theta\":0}'",
        "llama, rope_parameters, '{\"partial_rotary_factor\":0.5}'",
        "llama, rope_parameters, '{\"factor\":8.0}'",
        "llama, rope_parameters, 2",
        "llama, rope_theta, 0",
        "llama, partial_rotary_factor, 0.5",
        "llama, attention_bias, true",
        "llama, mlp_bias, true",
        "llama, sliding_window, 16",
        "llama, head_dim, 16",
        "llama, num_attention_heads, 5",
        "llama, num_attention_heads, 32",
        "llama, num_key_value_heads, 3",
        "llama, tie_word_embeddings, '\"yes\"'",
        "gpt2, activation_function, '\"gelu\"'",
        "gpt2, scale_attn_weights, false",
        "gpt2, scale_attn_by_inverse_layer_idx, true",
        "gpt2, reorder_and_upcast_attn, true",
        "gpt2, add_cross_attention, true",
        "gpt2, tie_word_embeddings, false",
        "gpt2, n_head, 5",
        "gpt2, n_layer, 0",
        "gpt2, pruned_heads, '{\"0\":[1]}'",
        "gpt2, quantization_config, '{\"bits\":4}'",
        "t5, feed_forward_proj, '\"gated-silu\"'",
        "t5, dense_act_fn, '\"gelu_new\"'",
        "t5_gated, is_gated_act, false",
        "t5, is_encoder_decoder, false",
        "t5, tie_word_embeddings, '\"yes\"'",
        "t5, relative_attention_num_buckets, 3",
        "t5, relative_attention_max_distance, 4",
        "t5, decoder_start_token_id, null",
        "t5, decoder_start_token_id, 128",
        "t5, pad_token_id, -1",
        "t5, scale_decoder_outputs, false",
        "t5_gated, scale_decoder_outputs, true",
        "t5, num_decoder_layers, 0",
        "t5, dropout_rate, 1.0",
        "t5, pruned_heads, '{\"0\":[1]}'",
        "t5, quantization_config, '{\"bits\":4}'"
    })
    void aSettingThatIsNotSupportedIsRefusedByName(String family, String key, String value)
            throws IOException {
        write(family, key, value);

        assertThatThrownBy(() -> BaseModel.load(folder))
                .isInstanceOf(ModelRefusedException.class)
                .hasMessageContaining(key);
    }

    @ParameterizedTest
    @CsvSource({
        "opt, word_embed_proj_dim, null",
        "opt, attention_dropout, null",
        "llama, attention_bias, false",
        "llama, head_dim, 8",
        "llama, rope_theta, null",
        "llama, rope_parameters, '{\"rope_type\":\"default\",\"rope_theta\":10000}'",
        "llama, rope_parameters, null",
        "llama, partial_rotary_factor, 1.0",
        "roberta, num_labels, 4",
        "t5, scale_decoder_outputs, true",
        "t5_gated, scale_decoder_outputs, false",
        "llama, tie_word_embeddings, true",
        "gpt2, resid_pdrop, null",
        "roberta, pad_token_id, null",
        "t5, feed_forward_proj, null",
        "t5, dense_act_fn, '\"relu\"'",
        "t5, tie_word_embeddings, null",
        "t5, num_decoder_layers, null",
        "t5, pad_token_id, null",
        "t5_gated, is_gated_act, true"
    })
    void whatIsLeftOutOrSaidInOtherWordsIsAccepted(String family, String key, String value)
            throws IOException {
        write(family, key, value);

        assertThatCode(() -> BaseModel.load(folder).close()).doesNotThrowAnyException();
    }

    private void write(String family, String key, String value) throws IOException {
        Path from = Goldens.bundled(family);
        Files.copy(from.resolve("model.safetensors"), folder.resolve("model.safetensors"));
        JsonMapper json = JsonMapper.shared();
        var config = (ObjectNode) json.readTree(Files.readString(from.resolve("config.json")));
        config.set(key, json.readTree(value));
        Files.writeString(folder.resolve("config.json"), config.toString());
    }
}
