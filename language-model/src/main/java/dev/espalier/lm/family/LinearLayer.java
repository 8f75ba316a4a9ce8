package dev.espalier.lm.family;

import dev.espalier.tensors.Shape;

/**
 * A linear layer of a model: {@code y = x Wᵀ + b}.
 *
 * @param module its path as transformers names it, such as {@code
 *     bert.encoder.layer.0.attention.self.query}
 * @param in length of x
 * @param out length of y
 */
public record LinearLayer(String module, int in, int out) {

    /** W's name in the weights. */
    public String weight() {
        return module + ".weight";
    }

    /** b's name in the weights. */
    public String bias() {
        return module + ".bias";
    }

    /** [out, in]. */
    public Shape weightShape() {
        return Shape.of(out, in);
    }
}
