package dev.espalier.lm.family.bert;

import dev.espalier.lm.weights.ModelConfig;
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
        double hiddenDropout = config.probability("hidden_dropout_prob", 0.1);
        EncoderConfig encoder =
                new EncoderConfig(
                        config.positive("vocab_size"),
                        config.positive("hidden_size"),
                        config.positive("num_hidden_layers"),
                        config.positive("num_attention_heads"),
                        config.positive("intermediate_size"),
                        config.positive("max_position_embeddings"),
                        config.positive("type_vocab_size", 2),
                        config.integer("pad_token_id", usualPadToken),
                        config.number("layer_norm_eps", 1e-12),
                        hiddenDropout,
                        config.probability("attention_probs_dropout_prob", 0.1),
                        config.probability("classifier_dropout", hiddenDropout),
                        config.number("initializer_range", 0.02),
                        config.labels());
        if (encoder.hidden % encoder.heads != 0) {
            throw config.refused("num_attention_heads", "must divide hidden_size");
        }
        return encoder;
    }

    int headSize() {
        return hidden / heads;
    }
}
