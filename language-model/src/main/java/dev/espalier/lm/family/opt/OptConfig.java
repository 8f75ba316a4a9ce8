package dev.espalier.lm.family.opt;

import dev.espalier.lm.weights.ModelConfig;

/** What {@code config.json} says of an OPT. Defaults are those of transformers. */
record OptConfig(
        int vocabulary,
        int hidden,
        int layers,
        int heads,
        int intermediate,
        int maxPositions,
        double dropout,
        double attentionDropout,
        double initializerRange) {

    static OptConfig of(ModelConfig config) {
        config.requireOneOf("activation_function", "relu");
        config.requireOneOf("do_layer_norm_before", true);
        config.requireOneOf("enable_bias", true);
        config.requireOneOf("layer_norm_elementwise_affine", true);
        config.requireOneOf("tie_word_embeddings", true);
        config.requireOneOf("layerdrop", "0.0", "0");
        config.requireUnset("_remove_final_layer_norm");
        config.requireUnset("pruned_heads");
        config.requireUnset("quantization_config");
        int hidden = config.positive("hidden_size");
        if (config.positive("word_embed_proj_dim", hidden) != hidden) {
            throw config.refused("word_embed_proj_dim", "is supported only if it is hidden_size");
        }
        if (hidden % config.positive("num_attention_heads") != 0) {
            throw config.refused("num_attention_heads", "must divide hidden_size");
        }
        return new OptConfig(
                config.positive("vocab_size"),
                hidden,
                config.positive("num_hidden_layers"),
                config.positive("num_attention_heads"),
                config.positive("ffn_dim"),
                config.positive("max_position_embeddings"),
                config.probability("dropout", 0.1),
                config.probability("attention_dropout", 0),
                config.number("init_std", 0.02));
    }

    int headSize() {
        return hidden / heads;
    }
}
