package dev.espalier.lm.weights;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.espalier.lm.compute.NativeValues;
import dev.espalier.tensors.Shape;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * Tensors of some weights with other values in them.
 *
 * @param identity tells these values from others
 */
record ChangedTensors(SortedMap<String, NDArray> arrays, String identity) {

    /**
     * Makes them, one after the other.
     *
     * @param owner what the new arrays hang on
     * @throws IllegalArgumentException if there is no such weight, or a change gives more or fewer
     *     values than there were
     */
    static ChangedTensors of(
            FrozenWeights weights,
            SortedMap<String, UnaryOperator<float[]>> changes,
            NDManager owner) {
        SortedMap<String, NDArray> arrays = new TreeMap<>();
        WeightsIdentity identity = new WeightsIdentity();
        changes.forEach((name, change) -> {
            var shape = weights.get(name).getShape();
            float[] values = change.apply(weights.floats(name));
            if (values.length != shape.size()) {
                throw new IllegalArgumentException(
                        "%d values for %s %s".formatted(values.length, name, shape));
            }
            arrays.put(name, NativeValues.create(owner, shape, weights.precision(), values));
            identity.add(name, Shape.of(shape.getShape()), values);
        });
        return new ChangedTensors(arrays, identity.toHex());
    }
}
