package dev.espalier.lm.compute;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;

/**
 * Switches the recording of gradients for the calling thread and restores what was set before.
 *
 * <p>The engine's mode belongs to the thread and starts out off in one and on in the others, so
 * every computation says what it wants. DJL's own {@code GradientCollector} exists once per process
 * and therefore cannot serve several agents at a time.
 *
 * <p>A virtual thread may change the native thread that carries it, and with it the mode: compute
 * on platform threads. It is refused here.
 */
public final class Gradients implements AutoCloseable {

    private final boolean before;

    private Gradients(boolean record) {
        if (Thread.currentThread().isVirtual()) {
            throw new IllegalStateException("train and evaluate on a platform thread");
        }
        before = JniUtils.isGradMode();
        JniUtils.setGradMode(record);
    }

    public static Gradients recorded() {
        return new Gradients(true);
    }

    public static Gradients off() {
        return new Gradients(false);
    }

    /**
     * Adds {@code weight} times the gradient of a scalar to every parameter it was computed from.
     */
    public static void backward(NDArray scalar, double weight) {
        NDManager manager = scalar.getManager();
        NDArray seed = manager.full(new Shape(), (float) weight, scalar.getDataType());
        JniUtils.backward((PtNDArray) scalar, (PtNDArray) seed, false, false);
    }

    /**
     * Copies a parameter's gradient out and sets it back to zero.
     *
     * @param into as many values as the parameter has
     */
    public static void take(NDArray parameter, float[] into) {
        try (NDArray gradient = parameter.getGradient()) { // hangs on the parameter's manager
            NativeValues.read(gradient, into);
        }
        JniUtils.zeroGrad((PtNDArray) parameter);
    }

    @Override
    public void close() {
        JniUtils.setGradMode(before);
    }
}
