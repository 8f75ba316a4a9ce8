package dev.espalier.lm.family.t5;

import dev.espalier.lm.family.AttentionBlock;
import dev.espalier.lm.family.AttentionKind;
import dev.espalier.lm.family.LinearLayer;
import dev.espalier.lm.family.ModelStructure;
import dev.espalier.lm.family.TensorShapes;
import java.util.ArrayList;
import java.util.List;

/** What the parts of a T5 are called in transformers, and their shapes. */
record T5Names(T5Config c) {

    static final String SHARED = "shared.weight";
    static final String HEAD = "lm_head";
    static final String ENCODER = "encoder";
    static final String DECODER = "decoder";

    /** Every layer of a stack begins with attention to its own tokens. */
    AttentionBlock self(String stack, int layer) {
        AttentionKind kind = stack.equals(ENCODER) ? AttentionKind.ENCODER : AttentionKind.DECODER;
        return attention(kind, sublayer(stack, layer, 0) + ".SelfAttention");
    }

    /** Attention of a decoder layer to the source. */
    AttentionBlock cross(int layer) {
        return attention(AttentionKind.CROSS, sublayer(DECODER, layer, 1) + ".EncDecAttention");
    }

    private AttentionBlock attention(AttentionKind kind, String name) {
        return new AttentionBlock(
                kind,
                name,
                c.heads(),
                c.headSize(),
                name + ".q",
                name + ".k",
                name + ".v",
                name + ".o");
    }

    /** The feed-forward sublayer, which is the last of a layer. */
    String feedForward(String stack, int layer) {
        return sublayer(stack, layer, stack.equals(DECODER) ? 2 : 1) + ".DenseReluDense";
    }

    /** The norm before a sublayer. */
    String norm(String sublayer) {
        return sublayer.substring(0, sublayer.lastIndexOf('.')) + ".layer_norm";
    }

    String finalNorm(String stack) {
        return stack + ".final_layer_norm";
    }

    /** The table of biases [buckets, heads] that all layers of a stack share. */
    String positions(String stack) {
        return self(stack, 0).name() + ".relative_attention_bias.weight";
    }

    static String layer(String stack, int layer) {
        return stack + ".block." + layer;
    }

    private static String sublayer(String stack, int layer, int number) {
        return layer(stack, layer) + ".layer." + number;
    }

    private List<AttentionBlock> attention() {
        List<AttentionBlock> blocks = new ArrayList<>();
        for (int l = 0; l < c.encoderLayers(); l++) {
            blocks.add(self(ENCODER, l));
        }
        for (int l = 0; l < c.decoderLayers(); l++) {
            blocks.add(self(DECODER, l));
            blocks.add(cross(l));
        }
        return blocks;
    }

    /** All layers of the model in the order of the forward pass. */
    private List<LinearLayer> linears() {
        List<LinearLayer> linears = new ArrayList<>();
        for (int l = 0; l < c.encoderLayers(); l++) {
            linears.addAll(linears(self(ENCODER, l)));
            linears.addAll(linears(feedForward(ENCODER, l)));
        }
        for (int l = 0; l < c.decoderLayers(); l++) {
            linears.addAll(linears(self(DECODER, l)));
            linears.addAll(linears(cross(l)));
            linears.addAll(linears(feedForward(DECODER, l)));
        }
        if (!c.tied()) {
            linears.add(LinearLayer.unbiased(HEAD, c.hidden(), c.vocabulary()));
        }
        return linears;
    }

    private List<LinearLayer> linears(AttentionBlock block) {
        return List.of(
                LinearLayer.unbiased(block.query(), c.hidden(), c.inner()),
                LinearLayer.unbiased(block.key(), c.hidden(), c.inner()),
                LinearLayer.unbiased(block.value(), c.hidden(), c.inner()),
                LinearLayer.unbiased(block.output(), c.inner(), c.hidden()));
    }

    private List<LinearLayer> linears(String feedForward) {
        List<LinearLayer> linears = new ArrayList<>();
        for (String in : c.gated() ? List.of(".wi_0", ".wi_1") : List.of(".wi")) {
            linears.add(LinearLayer.unbiased(feedForward + in, c.hidden(), c.intermediate()));
        }
        linears.add(LinearLayer.unbiased(feedForward + ".wo", c.intermediate(), c.hidden()));
        return linears;
    }

    TensorShapes shapes() {
        TensorShapes shapes = new TensorShapes().table(SHARED, c.vocabulary(), c.hidden());
        linears().forEach(shapes::linear);
        attention().forEach(block -> shapes.rmsNorm(norm(block.name()), c.hidden()));
        for (String stack : List.of(ENCODER, DECODER)) {
            shapes.table(positions(stack), c.buckets(), c.heads());
            shapes.rmsNorm(finalNorm(stack), c.hidden());
            int layers = stack.equals(ENCODER) ? c.encoderLayers() : c.decoderLayers();
            for (int l = 0; l < layers; l++) {
                shapes.rmsNorm(norm(feedForward(stack, l)), c.hidden());
            }
        }
        return shapes;
    }

    ModelStructure structure() {
        return new ModelStructure(
                "t5",
                c.encoderLayers() + c.decoderLayers(),
                c.hidden(),
                c.heads(),
                c.headSize(),
                c.intermediate(),
                c.vocabulary(),
                c.maxPositions(),
                shapes().elements(),
                linears(),
                attention(),
                HEAD,
                List.of(),
                List.of(),
                List.of("q", "v"),
                c.initializerFactor());
    }
}
