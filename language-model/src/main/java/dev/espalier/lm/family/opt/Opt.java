package dev.espalier.lm.family.opt;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Activation;
import dev.espalier.lm.family.Attention;
import dev.espalier.lm.family.AttentionBlock;
import dev.espalier.lm.family.AttentionKind;
import dev.espalier.lm.family.BlockHeads;
import dev.espalier.lm.family.CausalLanguageModel;
import dev.espalier.lm.family.Forward;
import dev.espalier.lm.family.HeadMask;
import dev.espalier.lm.family.LinearLayer;
import dev.espalier.lm.family.ModelHeads;
import dev.espalier.lm.family.ModelStructure;
import dev.espalier.lm.family.TensorShapes;
import dev.espalier.lm.family.TokenBatch;
import dev.espalier.lm.weights.ModelConfig;
import dev.espalier.tensors.Shape;
import java.util.List;
import java.util.SortedMap;
import java.util.stream.IntStream;

/**
 * OPT as {@code OPTForCausalLM} of transformers computes it (Zhang et al. 2022): a decoder that is
 * normalised before each sublayer, with learned positions and ReLU.
 *
 * <pre>
 *   x      = token[ids] + position[2 + p]          p: place in the sequence    [B, T, H]
 *   per layer:
 *     n    = LayerNorm(x)                                                      [B, T, H]
 *     q, k, v = split((n Wq + bq) / sqrt(d)), heads(n Wk + bk), heads(n Wv + bv)
 *     a    = softmax(q kᵀ + causal mask)                                       [B, heads, T, T]
 *     x    = x + concat(a v) Wo + bo                                           [B, T, H]
 *     x    = x + relu(LayerNorm(x) W1 + b1) W2 + b2                            [B, T, H]
 *   states = LayerNorm(x)                                                      [B, T, H]
 *   logits = states tokenᵀ                         tied to the embeddings      [B, T, V]
 * </pre>
 *
 * Dropout, where it is on, follows a and both sublayers. Where heads were removed, q, k, v and Wo
 * are that much smaller; of a block without heads only bo is left.
 */
public final class Opt implements CausalLanguageModel {

    private static final String DECODER = "model.decoder.";
    private static final String TOKENS = DECODER + "embed_tokens.weight";
    private static final String POSITIONS = DECODER + "embed_positions.weight";
    private static final String FINAL_NORM = DECODER + "final_layer_norm";

    /** The first rows of the position table belong to no position. */
    private static final int POSITION_OFFSET = 2;

    /** {@code config.json} does not say. */
    private static final double EPSILON = 1e-5;

    private final OptConfig c;
    private final ModelHeads heads;

    private Opt(OptConfig config) {
        this.c = config;
        this.heads = ModelHeads.all(describe());
    }

    private Opt(OptConfig config, ModelHeads heads) {
        this.c = config;
        this.heads = heads;
    }

    /**
     * @throws dev.espalier.lm.weights.ModelRefusedException if a setting is not supported
     */
    public static Opt of(ModelConfig config) {
        return new Opt(OptConfig.of(config));
    }

    @Override
    public NDArray states(Forward pass, TokenBatch batch) {
        NDArray x = throughLayers(pass, batch, c.layers());
        NDArray states = pass.layerNorm(FINAL_NORM, x, EPSILON);
        pass.showHiddenStates(c.layers(), states);
        return states;
    }

    @Override
    public NDArray statesBefore(int layer, Forward pass, TokenBatch batch) {
        return throughLayers(pass, batch, layer);
    }

    /** From where the pass begins to a layer that it does not enter any more. */
    private NDArray throughLayers(Forward pass, TokenBatch batch, int end) {
        NDArray x = pass.entering(() -> embeddings(pass, batch)); // [B, T, H]
        NDArray mask = pass.causalMask(batch); // [B, 1, T, T]
        for (int l = pass.firstLayer(); l < end; l++) {
            pass.showHiddenStates(l, x);
            x = layer(pass, l, x, mask);
        }
        return x;
    }

    @Override
    public String layerName(int layer) {
        return name(layer);
    }

    @Override
    public NDArray logits(Forward pass, NDArray states) {
        return pass.unembed(TOKENS, states);
    }

    private NDArray embeddings(Forward pass, TokenBatch batch) {
        NDArray places = batch.positions().add(POSITION_OFFSET);
        return pass.embed(TOKENS, batch.ids()).add(pass.embed(POSITIONS, places));
    }

    private NDArray layer(Forward pass, int layer, NDArray x, NDArray mask) {
        return pass.keepOnlyResult(() -> {
            NDArray y = attended(pass, layer, x, mask);
            return y.add(feedForward(pass, layer, y));
        });
    }

    private NDArray attended(Forward pass, int layer, NDArray x, NDArray mask) {
        BlockHeads left = heads.block(layer);
        AttentionBlock block = left.whole();
        if (left.isEmpty()) {
            return pass.plusBias(x, block.output(), c.dropout());
        }
        NDArray n = pass.layerNorm(name(layer) + ".self_attn_layer_norm", x, EPSILON);
        NDArray scale = pass.number(1 / Math.sqrt(c.headSize()));
        NDArray q = split(pass.linear(block.query(), n).mul(scale)); // [B, heads, T, d]
        NDArray k = split(pass.linear(block.key(), n));
        NDArray v = split(pass.linear(block.value(), n));
        NDArray mixed = Attention.mix(pass, left, q, k, v, mask, c.attentionDropout());
        return x.add(pass.dropout(pass.linear(block.output(), mixed), c.dropout()));
    }

    private NDArray feedForward(Forward pass, int layer, NDArray x) {
        NDArray n = pass.layerNorm(name(layer) + ".final_layer_norm", x, EPSILON);
        NDArray inner = Activation.relu(pass.linear(name(layer) + ".fc1", n)); // [B, T, F]
        return pass.dropout(pass.linear(name(layer) + ".fc2", inner), c.dropout());
    }

    private NDArray split(NDArray x) {
        return Attention.split(x, c.headSize());
    }

    private static String name(int layer) {
        return DECODER + "layers." + layer;
    }

    private AttentionBlock block(int layer) {
        String name = name(layer) + ".self_attn";
        return new AttentionBlock(
                AttentionKind.DECODER,
                name,
                c.heads(),
                c.headSize(),
                name + ".q_proj",
                name + ".k_proj",
                name + ".v_proj",
                name + ".out_proj");
    }

    private List<LinearLayer> linears(int layer) {
        AttentionBlock block = block(layer);
        int h = c.hidden();
        return List.of(
                new LinearLayer(block.query(), h, h),
                new LinearLayer(block.key(), h, h),
                new LinearLayer(block.value(), h, h),
                new LinearLayer(block.output(), h, h),
                new LinearLayer(name(layer) + ".fc1", h, c.intermediate()),
                new LinearLayer(name(layer) + ".fc2", c.intermediate(), h));
    }

    private TensorShapes shapes() {
        TensorShapes shapes =
                new TensorShapes()
                        .table(TOKENS, c.vocabulary(), c.hidden())
                        .table(POSITIONS, c.maxPositions() + POSITION_OFFSET, c.hidden())
                        .layerNorm(FINAL_NORM, c.hidden());
        for (int l = 0; l < c.layers(); l++) {
            linears(l).forEach(shapes::linear);
            shapes.layerNorm(name(l) + ".self_attn_layer_norm", c.hidden());
            shapes.layerNorm(name(l) + ".final_layer_norm", c.hidden());
        }
        return shapes;
    }

    private ModelStructure describe() {
        return new ModelStructure(
                "opt",
                c.layers(),
                c.hidden(),
                c.heads(),
                c.headSize(),
                c.intermediate(),
                c.vocabulary(),
                c.maxPositions(),
                shapes().elements(),
                IntStream.range(0, c.layers()).boxed().flatMap(l -> linears(l).stream()).toList(),
                IntStream.range(0, c.layers()).mapToObj(this::block).toList(),
                "lm_head",
                List.of(),
                List.of(),
                List.of("q_proj", "v_proj"),
                c.initializerRange());
    }

    @Override
    public ModelHeads heads() {
        return heads;
    }

    @Override
    public Opt keeping(HeadMask mask) {
        return new Opt(c, ModelHeads.kept(heads.whole(), mask));
    }

    @Override
    public String architecture() {
        return "OPTForCausalLM";
    }

    @Override
    public SortedMap<String, Shape> tensors() {
        return heads.left(shapes().toMap());
    }

    /** Checkpoints of the bare model have no {@code model.} in front. */
    @Override
    public String canonicalName(String stored) {
        return stored.startsWith("decoder.") ? "model." + stored : stored;
    }
}
