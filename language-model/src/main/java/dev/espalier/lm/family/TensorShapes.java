package dev.espalier.lm.family;

import dev.espalier.tensors.Shape;
import java.util.SortedMap;
import java.util.TreeMap;

/** Gathers the tensors of a model by name, while the family is being put together. */
public final class TensorShapes {

    private final SortedMap<String, Shape> shapes = new TreeMap<>();

    /** An embedding table. */
    public TensorShapes table(String name, int rows, int width) {
        shapes.put(name, Shape.of(rows, width));
        return this;
    }

    public TensorShapes linear(LinearLayer linear) {
        linear.putInto(shapes);
        return this;
    }

    /** A gain and a bias. */
    public TensorShapes layerNorm(String module, int width) {
        shapes.put(module + ".bias", Shape.of(width));
        return rmsNorm(module, width);
    }

    /** A gain alone. */
    public TensorShapes rmsNorm(String module, int width) {
        shapes.put(module + ".weight", Shape.of(width));
        return this;
    }

    /** How many numbers there are in all. */
    public long elements() {
        return shapes.values().stream().mapToLong(Shape::elements).sum();
    }

    /** A copy. */
    public SortedMap<String, Shape> toMap() {
        return new TreeMap<>(shapes);
    }
}
