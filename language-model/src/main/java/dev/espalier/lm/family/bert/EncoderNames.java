package dev.espalier.lm.family.bert;

import dev.espalier.lm.family.AttentionBlock;
import dev.espalier.lm.family.LinearLayer;
import dev.espalier.lm.family.ModelStructure;
import dev.espalier.tensors.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

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
    SortedMap<String, Shape> tensors(EncoderConfig c) {
        SortedMap<String, Shape> tensors = new TreeMap<>();
        tensors.put(words(), Shape.of(c.vocabulary(), c.hidden()));
        tensors.put(positions(), Shape.of(c.maxPositions(), c.hidden()));
        tensors.put(types(), Shape.of(c.types(), c.hidden()));
        putNorm(tensors, embeddingNorm(), c.hidden());
        for (int l = 0; l < c.layers(); l++) {
            linears(c, l).forEach(linear -> linear.putInto(tensors));
            putNorm(tensors, layer(l) + ".attention.output.LayerNorm", c.hidden());
            putNorm(tensors, layer(l) + ".output.LayerNorm", c.hidden());
        }
        return tensors;
    }

    AttentionBlock attention(EncoderConfig c, int layer) {
        String name = layer(layer) + ".attention";
        return new AttentionBlock(
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
        SortedMap<String, Shape> tensors = tensors(c);
        behind.forEach(linear -> linear.putInto(tensors));
        return new ModelStructure(
                prefix,
                c.layers(),
                c.hidden(),
                c.heads(),
                c.headSize(),
                c.intermediate(),
                c.vocabulary(),
                longest,
                tensors.values().stream().mapToLong(Shape::elements).sum(),
                linears,
                attention,
                CLASSIFIER,
                head,
                c.labels(),
                List.of("query", "value"),
                c.initializerRange());
    }

    private static void putNorm(SortedMap<String, Shape> tensors, String module, int width) {
        tensors.put(module + ".weight", Shape.of(width));
        tensors.put(module + ".bias", Shape.of(width));
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
