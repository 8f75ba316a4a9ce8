package dev.espalier.lm.family;

import dev.espalier.lm.weights.TensorPart;
import dev.espalier.tensors.masked.IndexSet;
import org.jspecify.annotations.Nullable;

/**
 * What is left of a linear layer when heads are gone.
 *
 * @param whole the layer with all heads
 * @param outputs those that are left; null for all
 * @param inputs those that are left; null for all
 */
public record LinearPart(LinearLayer whole, @Nullable IndexSet outputs, @Nullable IndexSet inputs) {

    /** Whether no input or no output is left: then nothing is computed, only a bias may stay. */
    public boolean isEmpty() {
        return perOutput().isEmpty() || perInput().isEmpty();
    }

    public boolean isWhole() {
        return outputs == null && inputs == null;
    }

    /** The layer as it is left. */
    public LinearLayer left() {
        return new LinearLayer(
                whole.module(),
                inputs == null ? whole.in() : inputs.size(),
                outputs == null ? whole.out() : outputs.size(),
                whole.biased(),
                whole.inputFirst());
    }

    /** What is left of W. */
    public TensorPart weight() {
        return whole.inputFirst()
                ? new TensorPart(inputs, outputs)
                : new TensorPart(outputs, inputs);
    }

    /** What is left of a tensor with a row for each output, such as b or an adapter's B. */
    public TensorPart perOutput() {
        return new TensorPart(outputs, null);
    }

    /** What is left of a tensor with a column for each input, such as an adapter's A. */
    public TensorPart perInput() {
        return new TensorPart(null, inputs);
    }
}
