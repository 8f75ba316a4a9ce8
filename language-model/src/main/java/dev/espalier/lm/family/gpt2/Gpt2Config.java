package dev.espalier.lm.family.gpt2;

import dev.espalier.lm.weights.ModelConfig;

/** What {@code config.json} says of a GPT-2. Defaults are those of transformers. */
record Gpt2Config(
        int vocabulary,
        int hidden,
        int layers,
        int heads,
        int intermediate,
        int maxPositions,
        double layerNormEpsilon,
        double embeddingDropout,
        double attentionDropout,
        double residualDropout,
        double initializerRange) {

    static Gpt2Config of(ModelConfig config) {
        config.requireOneOf("activation_function", "gelu_new");
        config.requireOneOf("scale_attn_weights", true);
        config.requireOneOf("tie_word_embeddings", true);
        for (String unsupported :
                new String[] {
                    "scale_attn_by_inverse_layer_idx",
                    "reorder_and_upcast_attn",
                    "add_cross_attention",
                    "pruned_heads",
                    "quantization_config"
                }) {
            config.requireUnset(unsupported);
        }
        int hidden = config.positive("n_embd");
        if (hidden % config.positive("n_head") != 0) {
            throw config.refused("n_head", "must divide n_embd");
        }
        return new Gpt2Config(
                config.positive("vocab_size"),
                hidden,
                config.positive("n_layer"),
                config.positive("n_head"),
                config.positive("n_inner", 4 * hidden),
                config.positive("n_positions"),
                config.number("layer_norm_epsilon", 1e-5),
                config.probability("embd_pdrop", 0.1),
                config.probability("attn_pdrop", 0.1),
                config.probability("resid_pdrop", 0.1),
                config.number("initializer_range", 0.02));
    }

    int headSize() {
        return hidden / heads;
    }
}
