package dev.espalier.lm.family.llama;

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
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.stream.IntStream;

/**
 * LLaMA as {@code LlamaForCausalLM} of transformers computes it (Touvron et al. 2023): a decoder
 * with rotary positions, RMS norms before each sublayer, SwiGLU and, where there are fewer key and
 * value heads than heads, grouped-query attention. No biases.
 *
 * <pre>
 *   x      = token[ids]                                                        [B, T, H]
 *   per layer:
 *     n    = RMSNorm(x)                                                        [B, T, H]
 *     q    = rope(heads(n Wq)) / sqrt(d)                                       [B, heads, T, d]
 *     k, v = rope(heads(n Wk)), heads(n Wv)                                    [B, groups, T, d]
 *     a    = softmax(q kᵀ + causal mask)     heads of a group share k and v    [B, heads, T, T]
 *     x    = x + concat(a v) Wo                                                [B, T, H]
 *     n    = RMSNorm(x)                                                        [B, T, H]
 *     x    = x + (silu(n Wgate) ⊙ (n Wup)) Wdown                               [B, T, H]
 *   states = RMSNorm(x)                                                        [B, T, H]
 *   logits = states Whead                    tokenᵀ where it is tied           [B, T, V]
 * </pre>
 *
 * silu(z) = z σ(z). Dropout, where it is on, follows a. Where heads were removed, Wq and Wo are
 * that much smaller; keys and values stay as long as one of the heads that share them, and of a
 * block without heads nothing is left.
 */
public final class Llama implements CausalLanguageModel {

    private static final String TOKENS = "model.embed_tokens.weight";
    private static final String FINAL_NORM = "model.norm";
    private static final String HEAD = "lm_head";

    private final LlamaConfig c;
    private final ModelHeads heads;

    private Llama(LlamaConfig config) {
        this.c = config;
        this.heads = ModelHeads.all(describe());
    }

    private Llama(LlamaConfig config, ModelHeads heads) {
        this.c = config;
        this.heads = heads;
    }

    /**
     * @throws dev.espalier.lm.weights.ModelRefusedException if a setting is not supported
     */
    public static Llama of(ModelConfig config) {
        return new Llama(LlamaConfig.of(config));
    }

    @Override
    public NDArray states(Forward pass, TokenBatch batch) {
        NDArray x = throughLayers(pass, batch, c.layers());
        NDArray states = pass.rmsNorm(FINAL_NORM, x, c.rmsNormEpsilon());
        pass.showHiddenStates(c.layers(), states);
        return states;
    }

    @Override
    public NDArray statesBefore(int layer, Forward pass, TokenBatch batch) {
        return throughLayers(pass, batch, layer);
    }

    /** From where the pass begins to a layer that it does not enter any more. */
    private NDArray throughLayers(Forward pass, TokenBatch batch, int end) {
        NDArray x = pass.entering(() -> pass.embed(TOKENS, batch.ids())); // [B, T, H]
        NDArray mask = pass.causalMask(batch); // [B, 1, T, T]
        Rope rope = Rope.of(pass, batch, c.headSize(), c.ropeTheta());
        for (int l = pass.firstLayer(); l < end; l++) {
            pass.showHiddenStates(l, x);
            x = layer(pass, l, x, rope, mask);
        }
        return x;
    }

    @Override
    public String layerName(int layer) {
        return name(layer);
    }

    @Override
    public NDArray logits(Forward pass, NDArray states) {
        return c.tied() ? pass.unembed(TOKENS, states) : pass.linear(HEAD, states);
    }

    private NDArray layer(Forward pass, int layer, NDArray x, Rope rope, NDArray mask) {
        return pass.keepOnlyResult(() -> {
            NDArray y = attended(pass, layer, x, rope, mask);
            return y.add(feedForward(pass, layer, y));
        });
    }

    private NDArray attended(Forward pass, int layer, NDArray x, Rope rope, NDArray mask) {
        BlockHeads left = heads.block(layer);
        AttentionBlock block = left.whole();
        if (left.isEmpty()) {
            return x;
        }
        NDArray n = pass.rmsNorm(name(layer) + ".input_layernorm", x, c.rmsNormEpsilon());
        NDArray scale = pass.number(1 / Math.sqrt(c.headSize()));
        NDArray q = rope.turned(split(pass.linear(block.query(), n))).mul(scale);
        NDArray k = rope.turned(split(pass.linear(block.key(), n)));
        NDArray v = split(pass.linear(block.value(), n));
        NDArray mixed = Attention.mix(pass, left, q, k, v, mask, c.attentionDropout());
        return x.add(pass.linear(block.output(), mixed));
    }

    private NDArray feedForward(Forward pass, int layer, NDArray x) {
        String mlp = name(layer) + ".mlp";
        String norm = name(layer) + ".post_attention_layernorm";
        NDArray n = pass.rmsNorm(norm, x, c.rmsNormEpsilon());
        NDArray z = pass.linear(mlp + ".gate_proj", n); // [B, T, F]
        // not Activation.swish: it multiplies with a number that is freed before the backward pass
        NDArray gate = z.mul(Activation.sigmoid(z));
        return pass.linear(mlp + ".down_proj", gate.mul(pass.linear(mlp + ".up_proj", n)));
    }

    private NDArray split(NDArray x) {
        return Attention.split(x, c.headSize());
    }

    private static String name(int layer) {
        return "model.layers." + layer;
    }

    private AttentionBlock block(int layer) {
        String name = name(layer) + ".self_attn";
        return new AttentionBlock(
                AttentionKind.DECODER,
                name,
                c.heads(),
                c.keyValueHeads(),
                c.headSize(),
                name + ".q_proj",
                name + ".k_proj",
                name + ".v_proj",
                name + ".o_proj");
    }

    private List<LinearLayer> linears(int layer) {
        AttentionBlock block = block(layer);
        String mlp = name(layer) + ".mlp";
        int h = c.hidden();
        int shared = c.keyValueHeads() * c.headSize();
        return List.of(
                LinearLayer.unbiased(block.query(), h, h),
                LinearLayer.unbiased(block.key(), h, shared),
                LinearLayer.unbiased(block.value(), h, shared),
                LinearLayer.unbiased(block.output(), h, h),
                LinearLayer.unbiased(mlp + ".gate_proj", h, c.intermediate()),
                LinearLayer.unbiased(mlp + ".up_proj", h, c.intermediate()),
                LinearLayer.unbiased(mlp + ".down_proj", c.intermediate(), h));
    }

    /** All layers of the model in the order of the forward pass. */
    private List<LinearLayer> linears() {
        List<LinearLayer> linears = new ArrayList<>();
        for (int l = 0; l < c.layers(); l++) {
            linears.addAll(linears(l));
        }
        if (!c.tied()) {
            linears.add(LinearLayer.unbiased(HEAD, c.hidden(), c.vocabulary()));
        }
        return linears;
    }

    private TensorShapes shapes() {
        TensorShapes shapes =
                new TensorShapes()
                        .table(TOKENS, c.vocabulary(), c.hidden())
                        .rmsNorm(FINAL_NORM, c.hidden());
        linears().forEach(shapes::linear);
        for (int l = 0; l < c.layers(); l++) {
            shapes.rmsNorm(name(l) + ".input_layernorm", c.hidden());
            shapes.rmsNorm(name(l) + ".post_attention_layernorm", c.hidden());
        }
        return shapes;
    }

    private ModelStructure describe() {
        return new ModelStructure(
                "llama",
                c.layers(),
                c.hidden(),
                c.heads(),
                c.headSize(),
                c.intermediate(),
                c.vocabulary(),
                c.maxPositions(),
                shapes().elements(),
                linears(),
                IntStream.range(0, c.layers()).mapToObj(this::block).toList(),
                HEAD,
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
    public Llama keeping(HeadMask mask) {
        return new Llama(c, ModelHeads.kept(heads.whole(), mask));
    }

    @Override
    public String architecture() {
        return "LlamaForCausalLM";
    }

    @Override
    public SortedMap<String, Shape> tensors() {
        return heads.left(shapes().toMap());
    }

    /** Checkpoints of the bare model have no {@code model.} in front. */
    @Override
    public String canonicalName(String stored) {
        boolean bare =
                stored.startsWith("embed_tokens.")
                        || stored.startsWith("layers.")
                        || stored.startsWith("norm.");
        return bare ? "model." + stored : stored;
    }
}
