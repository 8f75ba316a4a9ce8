package dev.espalier.lm.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.espalier.lm.adapter.LiveAdapter;
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
import dev.espalier.lm.weights.FrozenWeights;
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
 * What enters the lowest layer in which anything is trained, example by example: frozen weights
 * make it, and parts of the adapter that are not trained, so it is computed once and read in every
 * later epoch.
 *
 * <p>Each example is computed by itself, when a step first needs it, so its bits depend on nothing
 * but its tokens: not on the batch it is in, nor on where a run was stopped and resumed. The
 * shortest examples are kept, as many as the memory holds; a batch with any other is computed from
 * its embeddings every time. Outside Java's heap. Belongs to one thread at a time.
 */
final class FrozenStates implements AutoCloseable {

    /** Keeps nothing. */
    static final FrozenStates NONE = new FrozenStates();

    private final @Nullable Source source;
    private final int layer;
    private final List<TokenSequence> texts;
    private final Set<Integer> kept = new HashSet<>();
    private final Map<Integer, MemorySegment> states = new HashMap<>();
    private final Arena memory = Arena.ofShared();

    /** What computes the states. */
    private record Source(BaseModel base, LiveAdapter adapter) {}

    private FrozenStates() {
        source = null;
        layer = 0;
        texts = List.of();
    }

    /**
     * @param layer of the first stack that the states enter, above 0
     * @param texts that the first stack reads, by number of the example
     * @param bytes that may be kept
     */
    FrozenStates(
            BaseModel base, LiveAdapter adapter, int layer, List<TokenSequence> texts, long bytes) {
        source = new Source(base, adapter);
        this.layer = layer;
        this.texts = texts;
        choose(bytes);
    }

    /**
     * Those of a run; {@link #NONE} where nothing would be read twice or nothing lies below.
     *
     * @param adapter lives as long as these
     * @param trained modules in which anything is trained
     */
    static FrozenStates of(
            BaseModel base,
            LiveAdapter adapter,
            Set<String> trained,
            TrainingSettings settings,
            Task task) {
        int layer = base.family().lowestLayer(trained);
        boolean pays =
                layer > 0
                        && settings.steps(task.size()) > settings.stepsPerEpoch(task.size())
                        && !settings.modelDropout()
                        && base.weights().precision().type() == DataType.FLOAT32;
        IntFunction<TokenSequence> text = task::text;
        return pays
                ? new FrozenStates(
                        base,
                        adapter,
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
        return source == null ? 0 : source.base.structure().hidden();
    }

    /** Whether a pass over a batch begins with states that are kept. */
    boolean holds(int[] batch) {
        return source != null && IntStream.of(batch).allMatch(kept::contains);
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
        Source from = source;
        if (from == null || !holds(batch)) {
            return null;
        }
        int longest = IntStream.of(batch).map(e -> texts.get(e).length()).max().orElseThrow();
        int row = longest * width();
        float[] together = new float[batch.length * row];
        for (int i = 0; i < batch.length; i++) {
            MemorySegment own = states.computeIfAbsent(batch[i], e -> computed(from, e));
            int floats = Math.toIntExact(own.byteSize() / Float.BYTES);
            MemorySegment.copy(own, ValueLayout.JAVA_FLOAT, 0, together, i * row, floats);
        }
        Shape shape = new Shape(batch.length, longest, width());
        return new Entry(
                layer, NativeValues.create(workspace.manager(), shape, Precision.SINGLE, together));
    }

    private MemorySegment computed(Source from, int example) {
        FrozenWeights weights = from.base.weights();
        try (Gradients _ = Gradients.off();
                Workspace workspace = new Workspace(from.adapter.manager())) {
            Linears linears = from.adapter.linears(Dropout.NONE);
            Forward pass = new Forward(workspace, weights, linears, Dropout.NONE, null);
            List<TokenSequence> alone = List.of(texts.get(example));
            TokenBatch batch = TokenBatch.of(alone, workspace, weights.precision());
            NDArray found = from.base.family().statesBefore(layer, pass, batch);
            return memory.allocateFrom(ValueLayout.JAVA_FLOAT, NativeValues.floats(found));
        }
    }

    /** Frees what was kept. May be repeated. */
    @Override
    public void close() {
        if (source != null && memory.scope().isAlive()) {
            memory.close();
        }
    }
}
