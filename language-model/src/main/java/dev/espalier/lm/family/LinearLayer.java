package dev.espalier.lm.family;

import dev.espalier.tensors.Shape;
import java.util.SortedMap;

/**
 * A linear layer of a model: {@code y = x Wᵀ + b}.
 *
 * @param module its path as transformers names it, such as {@code
 *     bert.encoder.layer.0.attention.self.query}
 * @param in length of x
 * @param out length of y
 * @param biased whether there is a b
 * @param inputFirst whether W is stored as [in, out], which transformers calls Conv1D and PEFT
 *     {@code fan_in_fan_out}
 */
public record LinearLayer(String module, int in, int out, boolean biased, boolean inputFirst) {

    /** The common form: W [out, in] and a bias. */
    public LinearLayer(String module, int in, int out) {
        this(module, in, out, true, false);
    }

    /** W [out, in], no bias. */
    public static LinearLayer unbiased(String module, int in, int out) {
        return new LinearLayer(module, in, out, false, false);
    }

    /** W [in, out] and a bias. */
    public static LinearLayer conv1d(String module, int in, int out) {
        return new LinearLayer(module, in, out, true, true);
    }

    /** W's name in the weights. */
    public String weight() {
        return module + ".weight";
    }

    /** b's name in the weights. */
    public String bias() {
        return module + ".bias";
    }

    /** W's shape in the weights. */
    public Shape weightShape() {
        return inputFirst ? Shape.of(in, out) : Shape.of(out, in);
    }

    /** Adds W and, if there is one, b. */
    public void putInto(SortedMap<String, Shape> tensors) {
        tensors.put(weight(), weightShape());
        if (biased) {
            tensors.put(bias(), Shape.of(out));
        }
    }
}
