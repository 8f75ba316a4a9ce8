package dev.espalier.lm.prune;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.function.UnaryOperator;

/** A sum in doubles in the engine's memory, over rows of inputs. */
final class EngineSum implements AutoCloseable {

    private final NDArray sum;

    EngineSum(NDManager manager, long... shape) {
        sum = manager.zeros(new Shape(shape), DataType.FLOAT64);
        NDScope.unregister(sum); // it outlives the step in which it was made
    }

    /**
     * @param x [..., in]
     * @param term of the rows [n, in] in doubles
     */
    void add(NDArray x, UnaryOperator<NDArray> term) {
        try (NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            long in = x.getShape().get(x.getShape().dimension() - 1);
            sum.addi(term.apply(x.reshape(-1, in).toType(DataType.FLOAT64, false)));
        }
    }

    /** Of one with a single axis. */
    double[] values() {
        return sum.toDoubleArray();
    }

    /** Of one with two axes, taken out row by row. */
    double[][] rows() {
        double[][] rows = new double[Math.toIntExact(sum.getShape().get(0))][];
        for (int i = 0; i < rows.length; i++) {
            try (NDArray row = sum.get(i)) {
                rows[i] = row.toDoubleArray();
            }
        }
        return rows;
    }

    @Override
    public void close() {
        sum.close();
    }
}
