package dev.espalier.lm.compute;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;

/**
 * Sets random values to zero and scales up the others, so that the expectation stays (Srivastava et
 * al. 2014).
 *
 * <p>Masks come from a stream of our own that is named by seed, step and the number of the call.
 * The engine has only one generator per process, which several agents would share in an order that
 * nobody controls.
 */
public final class Dropout {

    /** Lets everything through: evaluation. */
    public static final Dropout NONE = new Dropout(false, 0, 0, 0);

    private final boolean active;
    private final long seed;
    private final long step;
    private final long part;
    private long calls;

    private Dropout(boolean active, long seed, long step, long part) {
        this.active = active;
        this.seed = seed;
        this.step = step;
        this.part = part;
    }

    /** The masks of one forward pass. Used once, by one thread. */
    public static Dropout of(long seed, long step, long part) {
        return new Dropout(true, seed, step, part);
    }

    /** Whether anything is dropped at all. */
    public boolean isActive() {
        return active;
    }

    /**
     * @param x any shape
     * @param probability of becoming zero, in [0, 1)
     */
    public NDArray apply(NDArray x, double probability) {
        if (!active || probability == 0) {
            return x;
        }
        RandomStream stream = RandomStream.of(seed, step, part, calls++);
        return x.mul(mask(x, probability, stream));
    }

    private NDArray mask(NDArray x, double probability, RandomStream stream) {
        Precision precision =
                x.getDataType() == DataType.FLOAT32 ? Precision.SINGLE : Precision.DOUBLE;
        long threshold = Math.round(probability * 0x1p32);
        float kept = (float) (1 / (1 - probability));
        return NativeValues.create(
                x.getManager(),
                x.getShape(),
                precision,
                part -> fill(part, threshold, kept, stream));
    }

    /** Two draws of 32 bits from every number of the stream. */
    private static void fill(float[] mask, long threshold, float kept, RandomStream stream) {
        int keptBits = Float.floatToRawIntBits(kept);
        for (int i = 0; i < mask.length; i += 2) {
            long bits = stream.nextLong();
            // the difference is negative, all ones after the shift, where the value is dropped
            long low = ((bits & 0xffff_ffffL) - threshold) >> 63;
            long high = ((bits >>> 32) - threshold) >> 63;
            mask[i] = Float.intBitsToFloat(keptBits & (int) ~low);
            mask[i + 1] = Float.intBitsToFloat(keptBits & (int) ~high);
        }
    }
}
