package dev.espalier.lm.family.gpt2;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
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
 * GPT-2 as {@code GPT2LMHeadModel} of transformers computes it (Radford et al. 2019): a decoder
 * that is normalised before each sublayer, with learned positions. Its linear layers are stored as
 * [in, out].
 *
 * <pre>
 *   x      = token[ids] + position[p]              p: place in the sequence    [B, T, H]
 *   per layer:
 *     q, k, v = split(thirds(LayerNorm(x) Wa + ba))                            [B, heads, T, d]
 *     a    = softmax(q kᵀ / sqrt(d) + causal mask)                             [B, heads, T, T]
 *     x    = x + concat(a v) Wp + bp                                           [B, T, H]
 *     x    = x + gelu(LayerNorm(x) Wf + bf) Wg + bg                            [B, T, H]
 *   states = LayerNorm(x)                                                      [B, T, H]
 *   logits = states tokenᵀ                         tied to the embeddings      [B, T, V]
 * </pre>
 *
 * gelu is the approximation with tanh. Dropout, where it is on, follows the embeddings, a and both
 * sublayers. Where heads were removed, the thirds of Wa and the rows of Wp are that much smaller;
 * of a block without heads only bp is left.
 */
public final class Gpt2 implements CausalLanguageModel {

    private static final String TOKENS = "transformer.wte.weight";
    private static final String POSITIONS = "transformer.wpe.weight";
    private static final String FINAL_NORM = "transformer.ln_f";

    private final Gpt2Config c;
    private final ModelHeads heads;

    private Gpt2(Gpt2Config config) {
        this.c = config;
        this.heads = ModelHeads.all(describe());
    }

    private Gpt2(Gpt2Config config, ModelHeads heads) {
        this.c = config;
        this.heads = heads;
    }

    /**
     * @throws dev.espalier.lm.weights.ModelRefusedException if a setting is not supported
     */
    public static Gpt2 of(ModelConfig config) {
        return new Gpt2(Gpt2Config.of(config));
    }

    @Override
    public NDArray states(Forward pass, TokenBatch batch) {
        NDArray x = throughLayers(pass, batch, c.layers());
        NDArray states = pass.layerNorm(FINAL_NORM, x, c.layerNormEpsilon());
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
        NDArray sum = pass.embed(TOKENS, batch.ids()).add(pass.embed(POSITIONS, batch.positions()));
        return pass.dropout(sum, c.embeddingDropout());
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
            return pass.plusBias(x, block.output(), c.residualDropout());
        }
        NDArray n = pass.layerNorm(name(layer) + ".ln_1", x, c.layerNormEpsilon());
        NDList thirds = pass.linear(block.query(), n).split(3, 2); // each [B, T, heads · d]
        NDArray scale = pass.number(1 / Math.sqrt(c.headSize()));
        NDArray q = split(thirds.get(0).mul(scale)); // [B, heads, T, d]
        NDArray k = split(thirds.get(1));
        NDArray v = split(thirds.get(2));
        NDArray mixed = Attention.mix(pass, left, q, k, v, mask, c.attentionDropout());
        NDArray y = pass.linear(block.output(), mixed); // [B, T, H]
        return x.add(pass.dropout(y, c.residualDropout()));
    }

    private NDArray feedForward(Forward pass, int layer, NDArray x) {
        String mlp = name(layer) + ".mlp";
        NDArray n = pass.layerNorm(name(layer) + ".ln_2", x, c.layerNormEpsilon());
        NDArray inner = pass.tanhGelu(pass.linear(mlp + ".c_fc", n)); // [B, T, F]
        return pass.dropout(pass.linear(mlp + ".c_proj", inner), c.residualDropout());
    }

    private NDArray split(NDArray x) {
        return Attention.split(x, c.headSize());
    }

    private static String name(int layer) {
        return "transformer.h." + layer;
    }

    private AttentionBlock block(int layer) {
        String name = name(layer) + ".attn";
        String all = name + ".c_attn";
        return new AttentionBlock(
                AttentionKind.DECODER,
                name,
                c.heads(),
                c.headSize(),
                all,
                all,
                all,
                name + ".c_proj");
    }

    private List<LinearLayer> linears(int layer) {
        AttentionBlock block = block(layer);
        String mlp = name(layer) + ".mlp";
        int h = c.hidden();
        return List.of(
                LinearLayer.conv1d(block.query(), h, 3 * h),
                LinearLayer.conv1d(block.output(), h, h),
                LinearLayer.conv1d(mlp + ".c_fc", h, c.intermediate()),
                LinearLayer.conv1d(mlp + ".c_proj", c.intermediate(), h));
    }

    private TensorShapes shapes() {
        TensorShapes shapes =
                new TensorShapes()
                        .table(TOKENS, c.vocabulary(), c.hidden())
                        .table(POSITIONS, c.maxPositions(), c.hidden())
                        .layerNorm(FINAL_NORM, c.hidden());
        for (int l = 0; l < c.layers(); l++) {
            linears(l).forEach(shapes::linear);
            shapes.layerNorm(name(l) + ".ln_1", c.hidden());
            shapes.layerNorm(name(l) + ".ln_2", c.hidden());
        }
        return shapes;
    }

    private ModelStructure describe() {
        return new ModelStructure(
                "gpt2",
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
                List.of("c_attn"),
                c.initializerRange());
    }

    @Override
    public ModelHeads heads() {
        return heads;
    }

    @Override
    public Gpt2 keeping(HeadMask mask) {
        return new Gpt2(c, ModelHeads.kept(heads.whole(), mask));
    }

    @Override
    public String architecture() {
        return "GPT2LMHeadModel";
    }

    @Override
    public SortedMap<String, Shape> tensors() {
        return heads.left(shapes().toMap());
    }

    /** Checkpoints of the bare model have no {@code transformer.} in front. */
    @Override
    public String canonicalName(String stored) {
        boolean bare =
                stored.startsWith("wte.")
                        || stored.startsWith("wpe.")
                        || stored.startsWith("h.")
                        || stored.startsWith("ln_f.");
        return bare ? "transformer." + stored : stored;
    }
}
