package dev.espalier.lm.train;

import ai.djl.ndarray.NDArray;
import dev.espalier.lm.adapter.AdapterPart;
import dev.espalier.lm.adapter.AdapterWeights;
import dev.espalier.lm.adapter.LiveAdapter;
import dev.espalier.lm.compute.Gradients;
import dev.espalier.lm.compute.NativeValues;
import dev.espalier.lm.weights.TensorPart;
import dev.espalier.tensors.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * The trained values with their gradients and moments as Java arrays, in ascending order of names.
 * They are small; keeping them here makes a checkpoint a copy.
 */
final class TrainedTensors {

    private final List<Slot> slots = new ArrayList<>();

    private static final class Slot {
        final String name;
        final Shape shape;
        final NDArray array;
        final float[] values;
        final float[] gradient;
        final float[] first;
        final float[] second;

        /** Which of the values may change; null for all. */
        final boolean @Nullable [] trained;

        Slot(String name, NDArray array, float[] values, TensorPart part) {
            this.name = name;
            this.shape = Shape.of(array.getShape().getShape());
            this.array = array;
            this.values = values;
            this.gradient = new float[values.length];
            this.first = new float[values.length];
            this.second = new float[values.length];
            this.trained = part.isWhole() ? null : flags(part);
        }

        private boolean[] flags(TensorPart part) {
            boolean[] flags = new boolean[values.length];
            for (int element : part.elements(shape)) {
                flags[element] = true;
            }
            return flags;
        }

        /** The engine knows no gradient of an array that nothing is trained of. */
        void takeGradient() {
            if (!array.hasGradient()) {
                return;
            }
            Gradients.take(array, gradient);
            for (int i = 0; trained != null && i < gradient.length; i++) {
                gradient[i] = trained[i] ? gradient[i] : 0;
            }
        }
    }

    /** Moments start at zero. */
    TrainedTensors(LiveAdapter adapter, AdapterWeights values) {
        this(adapter.parameters(), values, adapter.trained());
    }

    /**
     * Moments start at zero.
     *
     * @param parameters arrays that record their gradients, by name
     */
    TrainedTensors(SortedMap<String, NDArray> parameters, AdapterWeights values) {
        this(parameters, values, AdapterPart.whole());
    }

    private TrainedTensors(
            SortedMap<String, NDArray> parameters, AdapterWeights values, AdapterPart trained) {
        for (Map.Entry<String, NDArray> parameter : parameters.entrySet()) {
            String name = parameter.getKey();
            slots.add(new Slot(name, parameter.getValue(), values.values(name), trained.of(name)));
        }
    }

    /**
     * Takes the gradients of the last backward passes out of the engine and clears them there. That
     * of a value that may not change is 0, before anybody sums or clips.
     */
    void takeGradients() {
        slots.forEach(Slot::takeGradient);
    }

    /** Length of the gradient over all tensors together. */
    double gradientNorm() {
        double squares = 0;
        for (Slot slot : slots) {
            for (float g : slot.gradient) {
                squares += (double) g * g;
            }
        }
        return Math.sqrt(squares);
    }

    /** As PyTorch's {@code clip_grad_norm_}. */
    void clip(double norm, double longest) {
        double factor = longest / (norm + 1e-6);
        if (factor >= 1) {
            return;
        }
        for (Slot slot : slots) {
            for (int i = 0; i < slot.gradient.length; i++) {
                slot.gradient[i] *= (float) factor;
            }
        }
    }

    /** Moves the values that may change along the gradients and writes them to the engine. */
    void step(AdamW optimiser, int t, double learningRate) {
        for (Slot slot : slots) {
            if (!slot.array.hasGradient()) {
                continue;
            }
            optimiser.step(
                    t,
                    learningRate,
                    slot.values,
                    slot.gradient,
                    slot.first,
                    slot.second,
                    slot.trained);
            NativeValues.write(slot.values, slot.array);
        }
    }

    /** Puts moments back that {@link #first} and {@link #second} gave. */
    void restoreMoments(AdapterWeights first, AdapterWeights second) {
        for (Slot slot : slots) {
            System.arraycopy(first.values(slot.name), 0, slot.first, 0, slot.first.length);
            System.arraycopy(second.values(slot.name), 0, slot.second, 0, slot.second.length);
        }
    }

    AdapterWeights values() {
        return copied(slot -> slot.values);
    }

    AdapterWeights gradients() {
        return copied(slot -> slot.gradient);
    }

    AdapterWeights first() {
        return copied(slot -> slot.first);
    }

    AdapterWeights second() {
        return copied(slot -> slot.second);
    }

    private interface Part {
        float[] of(Slot slot);
    }

    private AdapterWeights copied(Part part) {
        AdapterWeights.Builder copy = AdapterWeights.builder();
        slots.forEach(slot -> copy.put(slot.name, slot.shape, part.of(slot)));
        return copy.build();
    }
}
