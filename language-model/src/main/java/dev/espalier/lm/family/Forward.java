package dev.espalier.lm.family;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.nn.core.Embedding;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.LayerNorm;
import dev.espalier.lm.compute.Dropout;
import dev.espalier.lm.compute.NativeValues;
import dev.espalier.lm.compute.Workspace;
import dev.espalier.lm.family.KeyValueMemory.KeysAndValues;
import dev.espalier.lm.weights.FrozenWeights;
import java.util.Arrays;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One pass through a model: the frozen weights, the linear layers as an adapter leaves them, the
 * dropout of this step and the native memory that the pass may use. Belongs to one thread.
 *
 * <p>Rules that keep the engine from leaking and from reading freed memory: in a binary operation
 * the result of this step comes first and a weight second; a number that takes part in a product is
 * a {@link #number}, because {@code NDArray.mul(Number)} frees an operand that the backward pass
 * reads again.
 */
public final class Forward {

    private final Workspace workspace;
    private final FrozenWeights weights;
    private final Linears linears;
    private final Dropout modelDropout;
    private final @Nullable ForwardObserver observer;
    private final @Nullable Entry entry;
    private final @Nullable KeyValueMemory memory;

    /**
     * @param modelDropout the model's own dropout; {@link Dropout#NONE} outside training
     */
    public Forward(
            Workspace workspace,
            FrozenWeights weights,
            Linears linears,
            Dropout modelDropout,
            @Nullable ForwardObserver observer) {
        this(workspace, weights, linears, modelDropout, observer, null, null);
    }

    /**
     * @param modelDropout the model's own dropout; {@link Dropout#NONE} outside training
     * @param entry where the pass begins; null for the embeddings
     */
    public Forward(
            Workspace workspace,
            FrozenWeights weights,
            Linears linears,
            Dropout modelDropout,
            @Nullable ForwardObserver observer,
            @Nullable Entry entry) {
        this(workspace, weights, linears, modelDropout, observer, entry, null);
    }

    /** One that reads on: what it is given follows what is remembered. Nothing is dropped. */
    public static Forward after(
            KeyValueMemory memory, Workspace workspace, FrozenWeights weights, Linears linears) {
        return new Forward(workspace, weights, linears, Dropout.NONE, null, null, memory);
    }

    private Forward(
            Workspace workspace,
            FrozenWeights weights,
            Linears linears,
            Dropout modelDropout,
            @Nullable ForwardObserver observer,
            @Nullable Entry entry,
            @Nullable KeyValueMemory memory) {
        this.workspace = workspace;
        this.weights = weights;
        this.linears = linears;
        this.modelDropout = modelDropout;
        this.observer = observer;
        this.entry = entry;
        this.memory = memory;
    }

    /** How many tokens of each text were read before this pass. */
    public int past() {
        return memory == null ? 0 : memory.length();
    }

    /**
     * What queries meet: keys and values of this pass and, where they are remembered, before it.
     */
    KeysAndValues met(BlockHeads block, NDArray k, NDArray v) {
        KeysAndValues latest = new KeysAndValues(k, v);
        boolean ofSource = block.whole().kind() == AttentionKind.CROSS;
        return memory == null || ofSource ? latest : memory.extended(block.number(), latest);
    }

    /** Keys and values of a text that is read once, however many passes ask it. */
    public KeysAndValues ofSource(BlockHeads block, Supplier<KeysAndValues> formula) {
        return memory == null ? formula.get() : memory.ofSource(block.number(), formula);
    }

    /** The layer of the first stack that the pass begins with. */
    public int firstLayer() {
        return entry == null ? 0 : entry.layer();
    }

    /**
     * What enters {@link #firstLayer}.
     *
     * @param embeddings computed where the pass begins with them; [batch, time, hidden]
     */
    public NDArray entering(Supplier<NDArray> embeddings) {
        return entry == null ? keepOnlyResult(embeddings) : entry.states();
    }

    public NDArray linear(String module, NDArray x) {
        return linears.apply(module, x);
    }

    /**
     * What a sublayer leaves whose linear layers were all removed but for the bias of the last one.
     *
     * @param x what the sublayer would be added to, [..., out]
     * @return x where the layer has no bias
     */
    public NDArray plusBias(NDArray x, String module, double dropout) {
        if (!weights.has(module + ".bias")) {
            return x;
        }
        NDArray bias = weights.get(module + ".bias");
        if (modelDropout.isActive() && dropout > 0) { // every token's bias falls on its own
            return x.add(dropout(x.zerosLike().add(bias), dropout));
        }
        return x.add(bias);
    }

    /**
     * @param ids any shape
     * @return the shape of ids and one more axis, the width of the table
     */
    public NDArray embed(String table, NDArray ids) {
        return Embedding.embedding(ids, weights.get(table), SparseFormat.DENSE).singletonOrThrow();
    }

    /** Layer normalisation over the last axis (Ba et al. 2016). */
    public NDArray layerNorm(String module, NDArray x, double epsilon) {
        NDArray gain = weights.get(module + ".weight");
        return LayerNorm.layerNorm(
                        x,
                        new Shape(gain.getShape().get(0)),
                        gain,
                        weights.get(module + ".bias"),
                        (float) epsilon)
                .singletonOrThrow();
    }

    /**
     * Root mean square normalisation over the last axis (Zhang and Sennrich 2019): {@code x /
     * sqrt(mean(x²) + ε) · w}.
     */
    public NDArray rmsNorm(String module, NDArray x, double epsilon) {
        NDArray square = x.mul(x).mean(new int[] {-1}, true);
        return x.div(square.add(number(epsilon)).sqrt()).mul(weights.get(module + ".weight"));
    }

    /**
     * A linear layer without bias whose weights are an embedding table: a tied head.
     *
     * @param x [..., width of the table]
     * @return [..., rows of the table]
     */
    public NDArray unembed(String table, NDArray x) {
        return Linear.linear(x, weights.get(table)).singletonOrThrow();
    }

    /** The approximation {@code 0.5 z (1 + tanh(sqrt(2/π) (z + 0.044715 z³)))} of gelu. */
    public NDArray tanhGelu(NDArray z) {
        NDArray cubic = z.mul(z).mul(z).mul(number(0.044715));
        NDArray gate = z.add(cubic).mul(number(Math.sqrt(2 / Math.PI))).tanh().add(number(1));
        return z.mul(gate).mul(number(0.5));
    }

    public NDArray dropout(NDArray x, double probability) {
        return modelDropout.apply(x, probability);
    }

    /** A number as an array without axes, in the model's precision. */
    public NDArray number(double value) {
        return workspace.manager().full(new Shape(), (float) value, weights.precision().type());
    }

    /** The positions 0, 1 ... length - 1 as ids. */
    public NDArray positions(int length) {
        return workspace.manager().arange(0, length, 1, DataType.INT64);
    }

    /**
     * What keeps every token from looking at those behind it and at padding.
     *
     * @return [batch, 1, time, time], added to attention scores
     */
    public NDArray causalMask(TokenBatch batch) {
        int time = batch.length();
        float[] future = new float[time * time];
        for (int t = 0; t < time; t++) {
            Arrays.fill(future, t * time + t + 1, (t + 1) * time, TokenBatch.MASKED);
        }
        return batch.mask().add(array(future, time, time));
    }

    /** An array of this pass from values in row order. */
    public NDArray array(float[] values, long... shape) {
        return NativeValues.create(
                workspace.manager(), new Shape(shape), weights.precision(), values);
    }

    /** 64-bit integers of this pass in row order. */
    public NDArray integers(long[] values, long... shape) {
        return workspace.manager().create(values, new Shape(shape));
    }

    /** Frees all that the formula made but its result. */
    public NDArray keepOnlyResult(Supplier<NDArray> formula) {
        return workspace.keepOnlyResult(formula);
    }

    /** Whether rows that the result does not depend on are wanted too. */
    public boolean isObserved() {
        return observer != null;
    }

    public void showHiddenStates(int index, NDArray states) {
        if (observer != null) {
            observer.hiddenStates(index, states);
        }
    }

    public void showAttention(int block, NDArray probabilities) {
        if (observer != null) {
            observer.attention(block, probabilities);
        }
    }
}
