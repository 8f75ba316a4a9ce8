package dev.espalier.lm.cost;

/**
 * Multiply-accumulate operations of one forward pass, by what they are spent on; two floating-point
 * operations each. Training costs follow (algorithms.md A.7, ours): the base is frozen, so behind
 * it the backward pass needs one product, the gradient by the input, while attention products and
 * adapters need the gradients by both of their operands.
 *
 * <pre>
 *   forward  = linear + feedForward + attention + lora + feedForwardLora
 *   training = 2 (linear + feedForward) + 3 (attention + lora + feedForwardLora)
 * </pre>
 *
 * @param linear frozen query, key, value and output layers
 * @param attention {@code q kᵀ} and {@code a v}
 * @param lora A and B on the layers of {@code linear}
 * @param feedForward the other frozen layers inside a model's layers
 * @param feedForwardLora A and B on those
 */
public record Macs(long linear, long attention, long lora, long feedForward, long feedForwardLora) {

    static final Macs NONE = new Macs(0, 0, 0, 0, 0);

    /** One forward pass of the whole model. */
    public long forward() {
        return linear + attention + lora + feedForward + feedForwardLora;
    }

    /** One forward and backward pass of the whole model. */
    public long training() {
        return 2 * (linear + feedForward) + 3 * (attention + lora + feedForwardLora);
    }

    /** One forward pass of the attention blocks alone. */
    public long attentionForward() {
        return linear + attention + lora;
    }

    /** One forward and backward pass of the attention blocks alone. */
    public long attentionTraining() {
        return 2 * linear + 3 * (attention + lora);
    }

    Macs plus(Macs other) {
        return new Macs(
                linear + other.linear,
                attention + other.attention,
                lora + other.lora,
                feedForward + other.feedForward,
                feedForwardLora + other.feedForwardLora);
    }

    Macs times(int factor) {
        return new Macs(
                factor * linear,
                factor * attention,
                factor * lora,
                factor * feedForward,
                factor * feedForwardLora);
    }
}
