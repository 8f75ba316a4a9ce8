package dev.espalier.lm.prune;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;

/** What enters a layer, made up. */
final class TestInputs {

    private TestInputs() {}

    /** One sequence [1, tokens, in]. */
    static NDArray array(NDManager manager, double[][] tokens) {
        double[] values = Arrays.stream(tokens).flatMapToDouble(Arrays::stream).toArray();
        return manager.create(values, new Shape(1, tokens.length, tokens[0].length));
    }
}
