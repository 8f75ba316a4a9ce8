package dev.espalier.lm.adapter;

import dev.espalier.tensors.Shape;
import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The values of an adapter, by PEFT's parameter names in ascending order. Immutable: arrays are
 * copied on the way in and out.
 */
public final class AdapterWeights {

    private final SortedMap<String, Tensor> tensors;

    private AdapterWeights(SortedMap<String, Tensor> tensors) {
        this.tensors = tensors;
    }

    private static final class Tensor {
        final Shape shape;
        final float[] values;

        Tensor(Shape shape, float[] values) {
            if (shape.elements() != values.length) {
                throw new IllegalArgumentException(
                        "%d values for shape %s".formatted(values.length, shape));
            }
            this.shape = shape;
            this.values = values.clone();
        }
    }

    /** Gathers tensors. */
    public static final class Builder {

        private final SortedMap<String, Tensor> tensors = new TreeMap<>();

        private Builder() {}

        /**
         * @throws IllegalArgumentException if the name is taken or the number of values is not that
         *     of the shape
         */
        public Builder put(String name, Shape shape, float[] values) {
            if (tensors.putIfAbsent(name, new Tensor(shape, values)) != null) {
                throw new IllegalArgumentException("adapter tensor " + name + " comes twice");
            }
            return this;
        }

        public AdapterWeights build() {
            return new AdapterWeights(new TreeMap<>(tensors));
        }
    }

    public static Builder builder() {
        return new Builder();
    }

    /** Ascending. */
    public SortedSet<String> names() {
        return Collections.unmodifiableSortedSet(new TreeSet<>(tensors.keySet()));
    }

    public Shape shape(String name) {
        return tensor(name).shape;
    }

    /** The values in row order, a new array. */
    public float[] values(String name) {
        return tensor(name).values.clone();
    }

    public SortedMap<String, Shape> shapes() {
        SortedMap<String, Shape> shapes = new TreeMap<>();
        tensors.forEach((name, tensor) -> shapes.put(name, tensor.shape));
        return shapes;
    }

    /** How many numbers there are in all. */
    public long parameters() {
        return tensors.values().stream().mapToLong(tensor -> tensor.values.length).sum();
    }

    private Tensor tensor(String name) {
        Tensor tensor = tensors.get(name);
        if (tensor == null) {
            throw new IllegalArgumentException("the adapter has no tensor " + name);
        }
        return tensor;
    }

    /** Same names, shapes and bits. */
    @Override
    public boolean equals(Object other) {
        return other instanceof AdapterWeights that
                && shapes().equals(that.shapes())
                && names().stream()
                        .allMatch(n -> Arrays.equals(tensor(n).values, that.tensor(n).values));
    }

    @Override
    public int hashCode() {
        int hash = 0;
        for (Map.Entry<String, Tensor> entry : tensors.entrySet()) {
            hash = 31 * hash + entry.getKey().hashCode();
            hash = 31 * hash + Arrays.hashCode(entry.getValue().values);
        }
        return hash;
    }

    @Override
    public String toString() {
        return "AdapterWeights[%d tensors, %d parameters]".formatted(tensors.size(), parameters());
    }
}
