package dev.espalier.lm.weights;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import dev.espalier.lm.compute.Bfloat16;
import dev.espalier.lm.compute.Compute;
import dev.espalier.lm.compute.NativeValues;
import dev.espalier.lm.compute.Precision;
import dev.espalier.tensors.DType;
import dev.espalier.tensors.Shape;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The weights of one base model in the engine, never changed, shared by all agents of a JVM.
 *
 * <p>F32 tensors are not copied: the engine computes on the pages of the mapped file, which the
 * operating system shares between processes too. F16 and BF16 are widened to F32 once. On a GPU
 * everything is a copy. Safe for many threads; nothing may use an array after {@link #close}.
 */
public final class FrozenWeights implements AutoCloseable {

    private final NDManager manager;
    private final StoredTensors stored;
    private final Map<String, NDArray> arrays = new HashMap<>();
    private final Map<String, Bfloat16.Narrow> narrowed = new ConcurrentHashMap<>();
    private final Precision precision;

    /** Whose view this is; none if it is none. */
    private final @Nullable FrozenWeights whole;

    /** Arrays of this view's own: a part of what it is a view of, or other values. */
    private final Set<String> own = new HashSet<>();

    /** What tells values that are not those of {@link #whole}; none where all are. */
    private final @Nullable String changes;

    private FrozenWeights(StoredTensors stored, Precision precision) {
        this.manager = Compute.newManager();
        this.stored = stored;
        this.precision = precision;
        this.whole = null;
        this.changes = null;
    }

    /** A view: arrays of its own hang on a manager of its own, the files are another's. */
    private FrozenWeights(FrozenWeights whole, NDManager manager, @Nullable String changes) {
        this.manager = manager;
        this.stored = whole.stored;
        this.precision = whole.precision;
        this.whole = whole;
        this.changes = changes;
        arrays.putAll(whole.arrays);
    }

    /**
     * Loads the tensors that a family wants and no others.
     *
     * @param canonical from the name in the file to the name that the family uses
     * @param wanted canonical names with their shapes
     * @param optional taken along where the files have them
     * @throws ModelRefusedException if a tensor is missing, comes twice or has another shape
     */
    public static FrozenWeights load(
            ModelFolder folder,
            UnaryOperator<String> canonical,
            SortedMap<String, Shape> wanted,
            SortedMap<String, Shape> optional,
            Precision precision)
            throws IOException {
        StoredTensors stored = new StoredTensors(folder.openWeights(), canonical);
        FrozenWeights weights = new FrozenWeights(stored, precision);
        try {
            wanted.forEach(weights::take);
            SortedMap<String, Shape> found = new TreeMap<>(optional);
            found.keySet().removeIf(name -> !stored.has(name));
            found.forEach(weights::take);
            return weights;
        } catch (RuntimeException e) {
            weights.close();
            throw e;
        }
    }

    /**
     * These weights with only a part of some tensors. The parts are copies of the view's own; all
     * else is shared, so close the view first.
     *
     * @param left by canonical name; a tensor of which nothing is left is gone
     */
    public FrozenWeights keeping(SortedMap<String, TensorPart> left) {
        FrozenWeights view = new FrozenWeights(this, manager.newSubManager(), null);
        left.forEach((name, part) -> {
            if (part.isEmpty()) {
                view.arrays.remove(name);
            } else {
                view.arrays.put(name, copied(name, part, view.manager));
                view.own.add(name);
            }
        });
        return view;
    }

    /**
     * These weights with other values in some tensors. The changed tensors are the view's own; all
     * else is shared, so close the view first.
     *
     * @param changes by canonical name, from the values as they are, in F32, to as many others;
     *     done at once, one after the other
     * @throws IllegalArgumentException if there is no such weight, or a change gives more or fewer
     *     values than there were
     */
    public FrozenWeights changed(SortedMap<String, UnaryOperator<float[]>> changes) {
        NDManager owner = manager.newSubManager();
        try {
            ChangedTensors changed = ChangedTensors.of(this, changes, owner);
            FrozenWeights view = new FrozenWeights(this, owner, changed.identity());
            view.arrays.putAll(changed.arrays());
            view.own.addAll(changed.arrays().keySet());
            return view;
        } catch (RuntimeException e) {
            owner.close();
            throw e;
        }
    }

    private NDArray copied(String name, TensorPart part, NDManager owner) {
        Shape all = stored.shape(name);
        var shape = new ai.djl.ndarray.types.Shape(part.shape(all).toArray());
        return NativeValues.create(owner, shape, precision, part.taken(all, floats(name)));
    }

    /** The parent for arrays that live as long as these weights. */
    public NDManager manager() {
        return manager;
    }

    public Precision precision() {
        return precision;
    }

    public boolean has(String name) {
        return arrays.containsKey(name);
    }

    /** The frozen array of that canonical name. Must not be written to: it may be a mapped file. */
    public NDArray get(String name) {
        NDArray array = arrays.get(name);
        if (array == null) {
            throw new IllegalArgumentException("no weight is named " + name);
        }
        return array;
    }

    /** The array of that canonical name in half the bytes, made when it is first asked for. */
    public Bfloat16.Narrow narrow(String name) {
        if (whole != null && !own.contains(name)) {
            return whole.narrow(name);
        }
        return narrowed.computeIfAbsent(
                name, wanted -> Bfloat16.narrowed(get(wanted)).keptBy(manager));
    }

    /** The shapes of all weights by canonical name. */
    public SortedMap<String, Shape> shapes() {
        SortedMap<String, Shape> shapes = new TreeMap<>();
        arrays.forEach((name, array) -> shapes.put(name, Shape.of(array.getShape().getShape())));
        return shapes;
    }

    /**
     * The values of a weight as a new array, widened to F32.
     *
     * @throws IllegalArgumentException if there is no such weight, or nothing is left of it
     */
    public float[] floats(String name) {
        NDArray array = get(name);
        if (own.contains(name)) {
            return NativeValues.floats(array);
        }
        return whole == null ? stored.floats(name) : whole.floats(name);
    }

    /**
     * What the files of the folder call a weight: not every checkpoint stores canonical names.
     *
     * @throws IllegalArgumentException if there is no such weight
     */
    public String storedName(String name) {
        return stored.storedName(name);
    }

    /**
     * Tells the weights of one model from those of another of the same form: equal for equal
     * tensors, wherever they lie, and for every view of the same weights; another for {@link
     * #changed} ones. Of large tensors only a sample is looked at; computed once.
     */
    public String identity() {
        if (whole == null) {
            return stored.identity();
        }
        return changes == null ? whole.identity() : whole.identity() + "-" + changes;
    }

    private void take(String name, Shape wanted) {
        stored.require(name, wanted);
        var shape = new ai.djl.ndarray.types.Shape(wanted.toArray());
        boolean mappable =
                stored.type(name) == DType.F32
                        && precision.type() == DataType.FLOAT32
                        && !manager.getDevice().isGpu();
        arrays.put(name, mappable ? mapped(name, shape) : widened(name, shape));
    }

    private NDArray mapped(String name, ai.djl.ndarray.types.Shape shape) {
        MemorySegment bytes = stored.bytes(name);
        if (bytes.address() % Float.BYTES != 0 || bytes.byteSize() > Integer.MAX_VALUE) {
            return widened(name, shape); // a header of odd length, or more than a buffer can hold
        }
        ByteBuffer buffer = bytes.asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
        return manager.create(buffer, shape, DataType.FLOAT32);
    }

    private NDArray widened(String name, ai.djl.ndarray.types.Shape shape) {
        return NativeValues.create(manager, shape, precision, stored.floats(name));
    }

    /** Frees the arrays, then the mapping they lie in. */
    @Override
    public void close() {
        manager.close();
        if (whole == null) {
            stored.close();
        }
    }
}
