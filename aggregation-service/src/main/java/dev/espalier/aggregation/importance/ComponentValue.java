package dev.espalier.aggregation.importance;

import dev.espalier.aggregation.combine.ModuleFactors;
import dev.espalier.aggregation.combine.Shapes;
import dev.espalier.protocol.update.AdapterTensor;
import dev.espalier.tensors.Shape;
import dev.espalier.tensors.safetensors.SafetensorsFile;
import java.util.ArrayList;
import java.util.List;

/**
 * What a component is worth: the mean over its row of A plus the mean over its column of B of what
 * its elements are (algorithms.md B.3; B.8 #4: ours, as in AdaLoRA).
 */
final class ComponentValue {

    private static final int SLICE = 1 << 16;

    private final SafetensorsFile state;

    ComponentValue(SafetensorsFile state) {
        this.state = state;
    }

    /** [rank]. */
    List<Double> of(ModuleFactors factors) {
        double[] rows = sums(factors.a(), true, factors.rank());
        double[] columns = sums(factors.b(), false, factors.rank());
        double in = factors.a().shape().getLast();
        double out = factors.b().shape().getFirst();
        List<Double> values = new ArrayList<>();
        for (int i = 0; i < factors.rank(); i++) {
            values.add(rows[i] / in + columns[i] / out);
        }
        return values;
    }

    private double[] sums(AdapterTensor factor, boolean ofRows, int rank) {
        Shape shape = Shapes.of(factor);
        int width = (int) shape.rowElements();
        double[] sums = new double[rank];
        float[] sensitivity = new float[(int) Math.min(SLICE, shape.elements())];
        float[] uncertainty = new float[sensitivity.length];
        boolean isUncertain = state.contains(StateNames.uncertainty(factor));
        for (long from = 0; from < shape.elements(); from += SLICE) {
            int count = (int) Math.min(SLICE, shape.elements() - from);
            state.floats(StateNames.sensitivity(factor), from, sensitivity, 0, count);
            if (isUncertain) {
                state.floats(StateNames.uncertainty(factor), from, uncertainty, 0, count);
            }
            for (int i = 0; i < count; i++) {
                long element = from + i;
                int component = (int) (ofRows ? element / width : element % width);
                sums[component] +=
                        isUncertain ? (double) sensitivity[i] * uncertainty[i] : sensitivity[i];
            }
        }
        return sums;
    }
}
