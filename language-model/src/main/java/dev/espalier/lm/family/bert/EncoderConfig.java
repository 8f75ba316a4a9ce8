package dev.espalier.lm.family.bert;

import dev.espalier.lm.weights.ModelConfig;
import dev.espalier.lm.weights.ModelRefusedException;
import java.util.List;

/** What {@code config.json} says of a BERT or RoBERTa. Defaults are those of transformers. */
record EncoderConfig(
        int vocabulary,
        int hidden,
        int layers,
        int heads,
        int intermediate,
        int maxPositions,
        int types,
        int padToken,
        double layerNormEpsilon,
        double hiddenDropout,
        double attentionDropout,
        double classifierDropout,
        double initializerRange,
        List<String> labels) {

    static EncoderConfig of(ModelConfig config, int usualPadToken) {
        config.requireOneOf("hidden_act", "gelu");
        config.requireOneOf("position_embedding_type", "absolute");
        config.requireOneOf("problem_type", "single_label_classification");
        config.requireUnset("is_decoder");
        config.requireUnset("add_cross_attention");
        config.requireUnset("pruned_heads");
        config.requireUnset("quantization_config");
        double hiddenDropout = config.number("hidden_dropout_prob", 0.1);
        EncoderConfig encoder =
                new EncoderConfig(
                        config.integer("vocab_size"),
                        config.integer("hidden_size"),
                        config.integer("num_hidden_layers"),
                        config.integer("num_attention_heads"),
                        config.integer("intermediate_size"),
                        config.integer("max_position_embeddings"),
                        config.integer("type_vocab_size", 2),
                        config.integer("pad_token_id", usualPadToken),
                        config.number("layer_norm_eps", 1e-12),
                        hiddenDropout,
                        config.number("attention_probs_dropout_prob", 0.1),
                        config.number("classifier_dropout", hiddenDropout),
                        config.number("initializer_range", 0.02),
                        config.labels());
        return encoder.checked();
    }

    private EncoderConfig checked() {
        requirePositive("vocab_size", vocabulary);
        requirePositive("hidden_size", hidden);
        requirePositive("num_hidden_layers", layers);
        requirePositive("num_attention_heads", heads);
        requirePositive("intermediate_size", intermediate);
        requirePositive("max_position_embeddings", maxPositions);
        requirePositive("type_vocab_size", types);
        requireProbability("hidden_dropout_prob", hiddenDropout);
        requireProbability("attention_probs_dropout_prob", attentionDropout);
        requireProbability("classifier_dropout", classifierDropout);
        if (hidden % heads != 0) {
            throw new ModelRefusedException(
                    "config.json: hidden_size %d is not a multiple of num_attention_heads %d"
                            .formatted(hidden, heads));
        }
        return this;
    }

    void requirePadTokenBelowPositions() {
        if (padToken < 0 || padToken + 1 >= maxPositions) {
            throw new ModelRefusedException(
                    "config.json: pad_token_id %d leaves no position of max_position_embeddings %d"
                            .formatted(padToken, maxPositions));
        }
    }

    int headSize() {
        return hidden / heads;
    }

    private static void requirePositive(String key, int value) {
        if (value < 1) {
            throw new ModelRefusedException("config.json: %s is %d".formatted(key, value));
        }
    }

    private static void requireProbability(String key, double value) {
        if (!(value >= 0 && value < 1)) {
            throw new ModelRefusedException(
                    "config.json: %s must be in [0, 1): %s".formatted(key, value));
        }
    }
}
