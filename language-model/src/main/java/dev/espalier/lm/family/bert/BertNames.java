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
 * Modules and tensors of BERT as {@code BertForSequenceClassification} of transformers has them.
 */
final class BertNames {

    static final String WORDS = "bert.embeddings.word_embeddings.weight";
    static final String POSITIONS = "bert.embeddings.position_embeddings.weight";
    static final String TYPES = "bert.embeddings.token_type_embeddings.weight";
    static final String EMBEDDING_NORM = "bert.embeddings.LayerNorm";
    static final String POOLER = "bert.pooler.dense";
    static final String CLASSIFIER = "classifier";

    private static final String PREFIX = "bert.";

    private BertNames() {}

    static String layer(int layer) {
        return "bert.encoder.layer." + layer;
    }

    static AttentionBlock attention(BertConfig c, int layer) {
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

    static ModelStructure structure(BertConfig c) {
        List<LinearLayer> linears = new ArrayList<>();
        List<AttentionBlock> attention = new ArrayList<>();
        for (int l = 0; l < c.layers(); l++) {
            attention.add(attention(c, l));
            linears.addAll(linears(c, l));
        }
        linears.add(new LinearLayer(POOLER, c.hidden(), c.hidden()));
        return new ModelStructure(
                "bert",
                c.layers(),
                c.hidden(),
                c.heads(),
                c.headSize(),
                c.intermediate(),
                c.vocabulary(),
                c.maxPositions(),
                tensors(c).values().stream().mapToLong(Shape::elements).sum(),
                linears,
                attention,
                CLASSIFIER,
                List.of(new LinearLayer(CLASSIFIER, c.hidden(), c.labels().size())),
                c.labels(),
                c.initializerRange());
    }

    static SortedMap<String, Shape> tensors(BertConfig c) {
        SortedMap<String, Shape> tensors = new TreeMap<>();
        tensors.put(WORDS, Shape.of(c.vocabulary(), c.hidden()));
        tensors.put(POSITIONS, Shape.of(c.maxPositions(), c.hidden()));
        tensors.put(TYPES, Shape.of(c.types(), c.hidden()));
        putNorm(tensors, EMBEDDING_NORM, c.hidden());
        for (int l = 0; l < c.layers(); l++) {
            linears(c, l).forEach(linear -> putLinear(tensors, linear));
            putNorm(tensors, layer(l) + ".attention.output.LayerNorm", c.hidden());
            putNorm(tensors, layer(l) + ".output.LayerNorm", c.hidden());
        }
        putLinear(tensors, new LinearLayer(POOLER, c.hidden(), c.hidden()));
        return tensors;
    }

    private static List<LinearLayer> linears(BertConfig c, int layer) {
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

    private static void putLinear(SortedMap<String, Shape> tensors, LinearLayer linear) {
        tensors.put(linear.weight(), linear.weightShape());
        tensors.put(linear.bias(), Shape.of(linear.out()));
    }

    private static void putNorm(SortedMap<String, Shape> tensors, String module, int width) {
        tensors.put(module + ".weight", Shape.of(width));
        tensors.put(module + ".bias", Shape.of(width));
    }

    /**
     * Checkpoints of the bare encoder have no {@code bert.} in front; those converted from
     * TensorFlow call a norm's weight gamma and its bias beta.
     */
    static String canonical(String stored) {
        String name = stored;
        if (name.startsWith("embeddings.")
                || name.startsWith("encoder.")
                || name.startsWith("pooler.")) {
            name = PREFIX + name;
        }
        return name.replace("LayerNorm.gamma", "LayerNorm.weight")
                .replace("LayerNorm.beta", "LayerNorm.bias");
    }
}
