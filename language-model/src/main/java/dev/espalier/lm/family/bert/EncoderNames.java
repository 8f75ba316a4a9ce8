package dev.espalier.lm.family.bert;

import dev.espalier.lm.family.AttentionBlock;
import dev.espalier.lm.family.AttentionKind;
import dev.espalier.lm.family.LinearLayer;
import dev.espalier.lm.family.ModelStructure;
import dev.espalier.lm.family.TensorShapes;
import java.util.ArrayList;
import java.util.List;

/**
 * Modules and tensors of BERT and RoBERTa as their {@code ...ForSequenceClassification} of
 * transformers have them: the same names behind another prefix.
 *
 * @param prefix {@code bert} or {@code roberta}
 */
record EncoderNames(String prefix) {

    static final String CLASSIFIER = "classifier";

    String words() {
        return prefix + ".embeddings.word_embeddings.weight";
    }

    String positions() {
        return prefix + ".embeddings.position_embeddings.weight";
    }

    String types() {
        return prefix + ".embeddings.token_type_embeddings.weight";
    }

    String embeddingNorm() {
        return prefix + ".embeddings.LayerNorm";
    }

    String layer(int layer) {
        return prefix + ".encoder.layer." + layer;
    }

    /** Tensors of embeddings and layers. */
    TensorShapes tensors(EncoderConfig c) {
        TensorShapes tensors =
                new TensorShapes()
                        .table(words(), c.vocabulary(), c.hidden())
                        .table(positions(), c.maxPositions(), c.hidden())
                        .table(types(), c.types(), c.hidden())
                        .layerNorm(embeddingNorm(), c.hidden());
        for (int l = 0; l < c.layers(); l++) {
            linears(c, l).forEach(tensors::linear);
            tensors.layerNorm(layer(l) + ".attention.output.LayerNorm", c.hidden());
            tensors.layerNorm(layer(l) + ".output.LayerNorm", c.hidden());
        }
        return tensors;
    }

    AttentionBlock attention(EncoderConfig c, int layer) {
        String name = layer(layer) + ".attention";
        return new AttentionBlock(
                AttentionKind.ENCODER,
                name,
                c.heads(),
                c.headSize(),
                name + ".self.query",
                name + ".self.key",
                name + ".self.value",
                name + ".output.dense");
    }

    List<LinearLayer> linears(EncoderConfig c, int layer) {
        AttentionBlock block = attention(c, layer);
        int h = c.hidden();
        return List.of(
                new LinearLayer(block.query(), h, h),
                new LinearLayer(block.key(), h, h),
                new LinearLayer(block.value(), h, h),
                new LinearLayer(block.output(), h, h),
                new LinearLayer(layer(layer) + ".intermediate.dense", h, c.intermediate()),
                new LinearLayer(layer(layer) + ".output.dense", c.intermediate(), h));
    }

    /**
     * @param longest input in tokens
     * @param behind layers between the last state and the head that adapters may sit on
     */
    ModelStructure structure(
            EncoderConfig c, int longest, List<LinearLayer> behind, List<LinearLayer> head) {
        List<LinearLayer> linears = new ArrayList<>();
        List<AttentionBlock> attention = new ArrayList<>();
        for (int l = 0; l < c.layers(); l++) {
            attention.add(attention(c, l));
            linears.addAll(linears(c, l));
        }
        linears.addAll(behind);
        TensorShapes tensors = tensors(c);
        behind.forEach(tensors::linear);
        return new ModelStructure(
                prefix,
                c.layers(),
                c.hidden(),
                c.heads(),
                c.headSize(),
                c.intermediate(),
                c.vocabulary(),
                longest,
                tensors.elements(),
                linears,
                attention,
                CLASSIFIER,
                head,
                c.labels(),
                List.of("query", "value"),
                c.initializerRange());
    }

    /**
     * Checkpoints of the bare encoder have no prefix; those converted from TensorFlow call a norm's
     * weight gamma and its bias beta.
     */
    String canonical(String stored) {
        String name = stored;
        if (name.startsWith("embeddings.")
                || name.startsWith("encoder.")
                || name.startsWith("pooler.")) {
            name = prefix + "." + name;
        }
        return name.replace("LayerNorm.gamma", "LayerNorm.weight")
                .replace("LayerNorm.beta", "LayerNorm.bias");
    }
}
