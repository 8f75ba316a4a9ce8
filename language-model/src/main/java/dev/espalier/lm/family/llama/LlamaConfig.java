package dev.espalier.lm.family.llama;

import dev.espalier.lm.weights.ModelConfig;

/** What {@code config.json} says of a LLaMA. Defaults are those of transformers. */
record LlamaConfig(
        int vocabulary,
        int hidden,
        int layers,
        int heads,
        int keyValueHeads,
        int intermediate,
        int maxPositions,
        double rmsNormEpsilon,
        double ropeTheta,
        double attentionDropout,
        boolean tied,
        double initializerRange) {

    static LlamaConfig of(ModelConfig config) {
        config.requireOneOf("hidden_act", "silu");
        config.requireOneOf("pretraining_tp", 1);
        config.requireOneOf("tie_word_embeddings", false, true);
        for (String unsupported :
                new String[] {
                    "rope_scaling",
                    "attention_bias",
                    "mlp_bias",
                    "sliding_window",
                    "pruned_heads",
                    "quantization_config"
                }) {
            config.requireUnset(unsupported);
        }
        int heads = config.positive("num_attention_heads");
        LlamaConfig llama =
                new LlamaConfig(
                        config.positive("vocab_size"),
                        config.positive("hidden_size"),
                        config.positive("num_hidden_layers"),
                        heads,
                        config.positive("num_key_value_heads", heads),
                        config.positive("intermediate_size"),
                        config.positive("max_position_embeddings", 2048),
                        config.number("rms_norm_eps", 1e-6),
                        ropeTheta(config),
                        config.probability("attention_dropout", 0),
                        config.isTrue("tie_word_embeddings"),
                        config.number("initializer_range", 0.02));
        llama.check(config);
        return llama;
    }

    /** Transformers 5 writes into {@code rope_parameters} what older ones write beside it. */
    private static double ropeTheta(ModelConfig config) {
        ModelConfig rope = config.within("rope_parameters");
        rope.requireOneOf("rope_type", "default");
        rope.requireOneOf("type", "default");
        rope.requireOneOf("partial_rotary_factor", "1.0", "1");
        rope.requireOnly("rope_type", "type", "partial_rotary_factor", "rope_theta");
        config.requireOneOf("partial_rotary_factor", "1.0", "1");
        double theta = config.number("rope_theta", rope.number("rope_theta", 10_000));
        if (rope.number("rope_theta", theta) != theta) {
            throw rope.refused("rope_theta", "must be what rope_theta says outside of it");
        }
        if (!(theta > 0)) {
            throw config.refused("rope_theta", "must be more than 0");
        }
        return theta;
    }

    private void check(ModelConfig config) {
        if (hidden % heads != 0 || headSize() % 2 != 0) {
            throw config.refused(
                    "num_attention_heads", "must cut hidden_size into heads of even size");
        }
        if (heads % keyValueHeads != 0) {
            throw config.refused("num_key_value_heads", "must divide num_attention_heads");
        }
        if (config.positive("head_dim", headSize()) != headSize()) {
            throw config.refused(
                    "head_dim", "is supported only if it is hidden_size / num_attention_heads");
        }
    }

    int headSize() {
        return hidden / heads;
    }
}
