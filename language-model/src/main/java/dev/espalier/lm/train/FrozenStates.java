package dev.espalier.lm.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.compute.Dropout;
import dev.espalier.lm.compute.Gradients;
import dev.espalier.lm.compute.NativeValues;
import dev.espalier.lm.compute.Precision;
import dev.espalier.lm.compute.Workspace;
import dev.espalier.lm.family.Entry;
import dev.espalier.lm.family.Forward;
import dev.espalier.lm.family.Linears;
import dev.espalier.lm.family.TokenBatch;
import dev.espalier.lm.tokens.TokenSequence;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What enters the lowest layer that an adapter changes, example by example: frozen weights make it,
 * so it is computed once and read in every later epoch.
 *
 * <p>Each example is computed by itself, when a step first needs it, so its bits depend on nothing
 * but its tokens: not on the batch it is in, nor on where a run was stopped and resumed. The
 * shortest examples are kept, as many as the memory holds; a batch with any other is computed from
 * its embeddings every time. Outside Java's heap. Belongs to one thread at a time.
 */
final class FrozenStates implements AutoCloseable {

    /** Keeps nothing. */
    static final FrozenStates NONE = new FrozenStates();

    private final @Nullable BaseModel base;
    private final int layer;
    private final List<TokenSequence> texts;
    private final Set<Integer> kept = new HashSet<>();
    private final Map<Integer, MemorySegment> states = new HashMap<>();
    private final Arena memory = Arena.ofShared();

    private FrozenStates() {
        base = null;
        layer = 0;
        texts = List.of();
    }

    /**
     * @param layer of the first stack that the states enter, above 0
     * @param texts that the first stack reads, by number of the example
     * @param bytes that may be kept
     */
    FrozenStates(BaseModel base, int layer, List<TokenSequence> texts, long bytes) {
        this.base = base;
        this.layer = layer;
        this.texts = texts;
        choose(bytes);
    }

    /**
     * Those of a run; {@link #NONE} where nothing would be read twice or nothing lies below.
     *
     * @param adapted modules that an adapter changes, whether it is trained there or not
     */
    static FrozenStates of(
            BaseModel base, Set<String> adapted, TrainingSettings settings, Task task) {
        int layer = base.family().lowestLayer(adapted);
        boolean pays =
                layer > 0
                        && settings.epochs() > 1
                        && !settings.modelDropout()
                        && base.weights().precision().type() == DataType.FLOAT32;
        IntFunction<TokenSequence> text = task::text;
        return pays
                ? new FrozenStates(
                        base,
                        layer,
                        IntStream.range(0, task.size()).mapToObj(text).toList(),
                        settings.stateBytes())
                : NONE;
    }

    private void choose(long bytes) {
        long left = bytes;
        List<Integer> shortestFirst =
                IntStream.range(0, texts.size())
                        .boxed()
                        .sorted(Comparator.comparingInt(example -> texts.get(example).length()))
                        .toList();
        for (int example : shortestFirst) {
            left -= bytes(example);
            if (left < 0) {
                return;
            }
            kept.add(example);
        }
    }

    private long bytes(int example) {
        return (long) Float.BYTES * texts.get(example).length() * width();
    }

    private int width() {
        return base == null ? 0 : base.structure().hidden();
    }

    /** How many examples were computed so far. */
    int computed() {
        return states.size();
    }

    /**
     * Where a pass over a batch begins.
     *
     * @return null: with the embeddings
     */
    @Nullable Entry entry(int[] batch, Workspace workspace) {
        BaseModel model = base;
        if (model == null || !IntStream.of(batch).allMatch(kept::contains)) {
            return null;
        }
        int longest = IntStream.of(batch).map(e -> texts.get(e).length()).max().orElseThrow();
        int row = longest * width();
        float[] together = new float[batch.length * row];
        for (int i = 0; i < batch.length; i++) {
            MemorySegment own = states.computeIfAbsent(batch[i], e -> computed(model, e));
            int floats = Math.toIntExact(own.byteSize() / Float.BYTES);
            MemorySegment.copy(own, ValueLayout.JAVA_FLOAT, 0, together, i * row, floats);
        }
        var shape = new ai.djl.ndarray.types.Shape(batch.length, longest, width());
        return new Entry(
                layer, NativeValues.create(workspace.manager(), shape, Precision.SINGLE, together));
    }

    private MemorySegment computed(BaseModel model, int example) {
        try (Gradients _ = Gradients.off();
                Workspace workspace = new Workspace(model.weights().manager())) {
            Linears linears = Linears.frozen(model.weights(), model.structure());
            Forward pass = new Forward(workspace, model.weights(), linears, Dropout.NONE, null);
            TokenBatch alone =
                    TokenBatch.of(
                            List.of(texts.get(example)), workspace, model.weights().precision());
            NDArray found = model.family().statesBefore(layer, pass, alone);
            return memory.allocateFrom(ValueLayout.JAVA_FLOAT, NativeValues.floats(found));
        }
    }

    /** Frees what was kept. May be repeated. */
    @Override
    public void close() {
        if (base != null && memory.scope().isAlive()) {
            memory.close();
        }
    }
}
