package dev.espalier.lm.family.t5;

import dev.espalier.lm.weights.ModelConfig;

/**
 * What {@code config.json} says of a T5. Defaults are those of transformers.
 *
 * @param headSize need not be hidden / heads
 * @param maxPositions {@code n_positions}; relative positions know no last one, so without this
 *     setting there is no limit
 * @param gated whether the feed-forward sublayer is the gated one of T5 v1.1
 * @param tied whether the head is the embedding table
 */
record T5Config(
        int vocabulary,
        int hidden,
        int headSize,
        int heads,
        int intermediate,
        int encoderLayers,
        int decoderLayers,
        int buckets,
        int maxDistance,
        int maxPositions,
        double dropout,
        double epsilon,
        boolean gated,
        boolean tied,
        int startToken,
        int paddingToken,
        double initializerFactor) {

    static T5Config of(ModelConfig config) {
        boolean gated = isGated(config);
        config.requireOneOf("is_encoder_decoder", true);
        config.requireOneOf("tie_word_embeddings", true, false);
        config.requireUnset("pruned_heads");
        config.requireUnset("quantization_config");
        boolean tied = !config.has("tie_word_embeddings") || config.isTrue("tie_word_embeddings");
        config.requireOneOf("scale_decoder_outputs", tied); // newer words for the same
        int layers = config.positive("num_layers");
        T5Config t5 =
                new T5Config(
                        config.positive("vocab_size"),
                        config.positive("d_model"),
                        config.positive("d_kv"),
                        config.positive("num_heads"),
                        config.positive("d_ff"),
                        layers,
                        config.positive("num_decoder_layers", layers),
                        config.positive("relative_attention_num_buckets", 32),
                        config.positive("relative_attention_max_distance", 128),
                        config.positive("n_positions", Integer.MAX_VALUE),
                        config.probability("dropout_rate", 0.1),
                        config.number("layer_norm_epsilon", 1e-6),
                        gated,
                        tied,
                        config.integer("decoder_start_token_id"),
                        config.integer("pad_token_id", 0),
                        config.number("initializer_factor", 1));
        t5.check(config);
        return t5;
    }

    /** Some folders say the same once more in other words, and transformers heeds those. */
    private static boolean isGated(ModelConfig config) {
        config.requireOneOf("feed_forward_proj", "relu", "gated-gelu");
        boolean gated =
                config.has("feed_forward_proj")
                        && config.text("feed_forward_proj").startsWith("gated-");
        config.requireOneOf("is_gated_act", gated);
        config.requireOneOf("dense_act_fn", gated ? "gelu_new" : "relu");
        return gated;
    }

    private void check(ModelConfig config) {
        if (buckets < 4) {
            throw config.refused("relative_attention_num_buckets", "must be 4 or more");
        }
        if (maxDistance <= buckets / 2) {
            throw config.refused(
                    "relative_attention_max_distance",
                    "must be more than half of relative_attention_num_buckets");
        }
        requireKnown(config, "decoder_start_token_id", startToken);
        requireKnown(config, "pad_token_id", paddingToken);
    }

    private void requireKnown(ModelConfig config, String key, int id) {
        if (id < 0 || id >= vocabulary) {
            throw config.refused(key, "must be an id of the vocabulary");
        }
    }

    /** Width of all heads together. */
    int inner() {
        return heads * headSize;
    }

    RelativePositions positions(boolean bothWays) {
        return new RelativePositions(bothWays, buckets, maxDistance);
    }
}
