package dev.espalier.lm.family.t5;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Activation;
import dev.espalier.lm.family.Attention;
import dev.espalier.lm.family.AttentionBlock;
import dev.espalier.lm.family.AttentionKind;
import dev.espalier.lm.family.BlockHeads;
import dev.espalier.lm.family.Forward;
import dev.espalier.lm.family.HeadMask;
import dev.espalier.lm.family.KeyValueMemory.KeysAndValues;
import dev.espalier.lm.family.ModelHeads;
import dev.espalier.lm.family.TextToTextModel;
import dev.espalier.lm.family.TokenBatch;
import dev.espalier.lm.weights.ModelConfig;
import dev.espalier.tensors.Shape;
import java.util.List;
import java.util.SortedMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * T5 as {@code T5ForConditionalGeneration} of transformers computes it (Raffel et al. 2020; v1.1:
 * Shazeer 2020): an encoder and a decoder with relative positions and RMS norms before each
 * sublayer. No biases but those of positions; scores are not scaled.
 *
 * <pre>
 *   attend(n, m, β): q, k, v = split(n Wq), heads(m Wk), heads(m Wv)   heads · d need not be H
 *                    a = softmax(q kᵀ + β);  concat(a v) Wo                    [B, T, H]
 *   feed(n)        : relu(n Wi) Wo,   or gated   (gelu(n Wi0) ⊙ (n Wi1)) Wo   [B, T, H]
 *   β(stack)       : table[bucket(key - query)] + mask                        [B, heads, T, T]
 *
 *   encoder   x = shared[source]                                              [B, S, H]
 *   per layer x = x + attend(RMSNorm(x), itself, β(encoder))
 *             x = x + feed(RMSNorm(x))
 *   encoded   m = RMSNorm(x)                                                  [B, S, H]
 *
 *   decoder   y = shared[target]                                              [B, T, H]
 *   per layer y = y + attend(RMSNorm(y), itself, β(decoder), causal)
 *             y = y + attend(RMSNorm(y), m, mask of the source)               no positions
 *             y = y + feed(RMSNorm(y))
 *   states      = RMSNorm(y)                                                  [B, T, H]
 *   logits      = states Whead,   or tied   (states / sqrt(H)) sharedᵀ        [B, T, V]
 * </pre>
 *
 * gelu is the approximation with tanh. Dropout, where it is on, follows the embeddings, a, the
 * activation, every sublayer and the last norm of a stack. Where heads were removed, Wq, Wk, Wv and
 * Wo are that much smaller and β's rows are chosen from the table, which stays whole; of attention
 * without heads nothing is left.
 *
 * <p>To an observer the decoder goes on counting where the encoder ended: hidden states 0 to E are
 * the encoder's, the decoder's embeddings are number E + 1.
 */
public final class T5 implements TextToTextModel {

    private final T5Config c;
    private final T5Names names;
    private final ModelHeads heads;

    private T5(T5Config config) {
        this.c = config;
        this.names = new T5Names(config);
        this.heads = ModelHeads.all(names.structure());
    }

    private T5(T5Config config, ModelHeads heads) {
        this.c = config;
        this.names = new T5Names(config);
        this.heads = heads;
    }

    /**
     * @throws dev.espalier.lm.weights.ModelRefusedException if a setting is not supported
     */
    public static T5 of(ModelConfig config) {
        return new T5(T5Config.of(config));
    }

    @Override
    public Encoded encode(Forward pass, TokenBatch source) {
        NDArray x = throughEncoder(pass, source, c.encoderLayers());
        NDArray states = finished(pass, T5Names.ENCODER, x);
        pass.showHiddenStates(c.encoderLayers(), states);
        return new Encoded(states, source.mask());
    }

    @Override
    public NDArray statesBefore(int layer, Forward pass, TokenBatch source) {
        return throughEncoder(pass, source, layer);
    }

    /** From where the pass begins to a layer that it does not enter any more. */
    private NDArray throughEncoder(Forward pass, TokenBatch source, int end) {
        NDArray x = pass.entering(() -> embeddings(pass, source)); // [B, S, H]
        if (pass.firstLayer() == end) {
            return x;
        }
        // [B, heads, S, S]
        NDArray bias = bias(pass, T5Names.ENCODER, source.length(), source.mask());
        for (int l = pass.firstLayer(); l < end; l++) {
            pass.showHiddenStates(l, x);
            x = encoderLayer(pass, l, x, bias);
        }
        return x;
    }

    @Override
    public int firstStack() {
        return c.encoderLayers();
    }

    @Override
    public String layerName(int layer) {
        return T5Names.layer(T5Names.ENCODER, layer);
    }

    @Override
    public List<String> layerNames() {
        return Stream.concat(
                        IntStream.range(0, c.encoderLayers()).mapToObj(this::layerName),
                        IntStream.range(0, c.decoderLayers())
                                .mapToObj(l -> T5Names.layer(T5Names.DECODER, l)))
                .toList();
    }

    @Override
    public NDArray decode(Forward pass, Encoded encoded, TokenBatch target) {
        NDArray x = embeddings(pass, target); // [B, T, H]
        NDArray y = throughDecoder(pass, encoded, target, x, 0, c.decoderLayers());
        NDArray states = finished(pass, T5Names.DECODER, y);
        pass.showHiddenStates(c.encoderLayers() + 1 + c.decoderLayers(), states);
        return states;
    }

    @Override
    public NDArray statesBefore(int layer, Forward pass, Encoded encoded, TokenBatch target) {
        NDArray x = pass.entering(() -> embeddings(pass, target)); // [B, T, H]
        return throughDecoder(pass, encoded, target, x, pass.firstLayer(), layer);
    }

    /**
     * @param entering what enters layer {@code from}
     * @param end the first layer that is not run
     */
    private NDArray throughDecoder(
            Forward pass, Encoded encoded, TokenBatch target, NDArray entering, int from, int end) {
        if (from == end) {
            return entering;
        }
        // [B, heads, T, T]
        NDArray bias = bias(pass, T5Names.DECODER, target.length(), pass.causalMask(target));
        NDArray y = entering;
        for (int l = from; l < end; l++) {
            pass.showHiddenStates(c.encoderLayers() + 1 + l, y);
            y = decoderLayer(pass, l, y, bias, encoded);
        }
        return y;
    }

    @Override
    public NDArray logits(Forward pass, NDArray states) {
        if (!c.tied()) {
            return pass.linear(T5Names.HEAD, states);
        }
        NDArray scale = pass.number(1 / Math.sqrt(c.hidden()));
        return pass.unembed(T5Names.SHARED, states.mul(scale));
    }

    private NDArray embeddings(Forward pass, TokenBatch batch) {
        return pass.dropout(pass.embed(T5Names.SHARED, batch.ids()), c.dropout());
    }

    /** What is added to the scores of every layer of a stack. */
    private NDArray bias(Forward pass, String stack, int rows, NDArray mask) {
        int time = pass.past() + rows;
        long[] buckets = c.positions(stack.equals(T5Names.ENCODER)).grid(pass.past(), time);
        return pass.keepOnlyResult(() -> {
            NDArray chosen = pass.embed(names.positions(stack), pass.integers(buckets, rows, time));
            return mask.add(chosen.transpose(2, 0, 1).expandDims(0)); // [B, heads, T, T]
        });
    }

    private NDArray encoderLayer(Forward pass, int layer, NDArray x, NDArray bias) {
        return pass.keepOnlyResult(() -> {
            NDArray y = self(pass, T5Names.ENCODER, layer, x, bias);
            return y.add(feedForward(pass, T5Names.ENCODER, layer, y));
        });
    }

    private NDArray decoderLayer(
            Forward pass, int layer, NDArray x, NDArray bias, Encoded encoded) {
        return pass.keepOnlyResult(() -> {
            NDArray y = self(pass, T5Names.DECODER, layer, x, bias);
            NDArray z = cross(pass, layer, y, encoded);
            return z.add(feedForward(pass, T5Names.DECODER, layer, z));
        });
    }

    private NDArray self(Forward pass, String stack, int layer, NDArray x, NDArray bias) {
        int number = stack.equals(T5Names.ENCODER) ? layer : c.encoderLayers() + 2 * layer;
        BlockHeads left = heads.block(number);
        if (left.isEmpty()) {
            return x;
        }
        NDArray n = norm(pass, names.norm(left.whole().name()), x);
        return x.add(attend(pass, left, n, n, bias));
    }

    private NDArray cross(Forward pass, int layer, NDArray x, Encoded encoded) {
        BlockHeads left = heads.block(c.encoderLayers() + 2 * layer + 1);
        if (left.isEmpty()) {
            return x;
        }
        NDArray n = norm(pass, names.norm(left.whole().name()), x);
        return x.add(attend(pass, left, n, encoded.states(), encoded.mask()));
    }

    private NDArray attend(Forward pass, BlockHeads left, NDArray n, NDArray memory, NDArray bias) {
        AttentionBlock block = left.whole();
        NDArray q = split(pass.linear(block.query(), n)); // [B, heads, T, d]
        KeysAndValues asked =
                block.kind() == AttentionKind.CROSS
                        ? pass.ofSource(left, () -> keysAndValues(pass, block, memory))
                        : keysAndValues(pass, block, memory);
        NDArray mixed =
                Attention.mix(pass, left, q, asked.keys(), asked.values(), bias, c.dropout());
        return pass.dropout(pass.linear(block.output(), mixed), c.dropout());
    }

    /** Each [B, heads, S, d]. */
    private KeysAndValues keysAndValues(Forward pass, AttentionBlock block, NDArray memory) {
        return new KeysAndValues(
                split(pass.linear(block.key(), memory)), split(pass.linear(block.value(), memory)));
    }

    private NDArray feedForward(Forward pass, String stack, int layer, NDArray x) {
        String feed = names.feedForward(stack, layer);
        NDArray n = norm(pass, names.norm(feed), x);
        NDArray inner = pass.dropout(activated(pass, feed, n), c.dropout()); // [B, T, F]
        return pass.dropout(pass.linear(feed + ".wo", inner), c.dropout());
    }

    private NDArray activated(Forward pass, String feed, NDArray n) {
        if (!c.gated()) {
            return Activation.relu(pass.linear(feed + ".wi", n));
        }
        NDArray gate = pass.tanhGelu(pass.linear(feed + ".wi_0", n));
        return gate.mul(pass.linear(feed + ".wi_1", n));
    }

    private NDArray finished(Forward pass, String stack, NDArray x) {
        return pass.dropout(norm(pass, names.finalNorm(stack), x), c.dropout());
    }

    private NDArray norm(Forward pass, String module, NDArray x) {
        return pass.rmsNorm(module, x, c.epsilon());
    }

    private NDArray split(NDArray x) {
        return Attention.split(x, c.headSize());
    }

    @Override
    public int startToken() {
        return c.startToken();
    }

    @Override
    public int paddingToken() {
        return c.paddingToken();
    }

    @Override
    public ModelHeads heads() {
        return heads;
    }

    @Override
    public T5 keeping(HeadMask mask) {
        return new T5(c, ModelHeads.kept(heads.whole(), mask));
    }

    @Override
    public String architecture() {
        return "T5ForConditionalGeneration";
    }

    @Override
    public SortedMap<String, Shape> tensors() {
        return heads.left(names.shapes().toMap());
    }

    /** Checkpoints of the bare model have the same names; copies of the shared table are left. */
    @Override
    public String canonicalName(String stored) {
        return stored;
    }
}
