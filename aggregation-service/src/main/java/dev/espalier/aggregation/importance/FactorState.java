package dev.espalier.aggregation.importance;

import dev.espalier.tensors.FloatReader;
import dev.espalier.tensors.Shape;
import dev.espalier.tensors.safetensors.TensorSink;
import java.io.IOException;
import java.util.Arrays;

/**
 * Sensitivities of the elements of one factor after a round, slice by slice.
 *
 * <p>Elements that nobody sent keep their state (ours): their change of zero was measured by
 * nobody, and taking it for one would push a component down for having been left out, so that it
 * would be left out again.
 */
final class FactorState {

    private static final int SLICE = 1 << 16;

    private final Shape shape;
    private final Touched touched;
    private final Smoothing smoothing;
    private final FloatReader before;
    private final FloatReader after;
    private final FloatReader sensitivity;
    private final FloatReader uncertainty;

    /**
     * @param before, after the factor in the parent and in the version that follows
     * @param sensitivity, uncertainty of the parent
     */
    FactorState(
            Shape shape,
            Touched touched,
            Smoothing smoothing,
            FloatReader before,
            FloatReader after,
            FloatReader sensitivity,
            FloatReader uncertainty) {
        this.shape = shape;
        this.touched = touched;
        this.smoothing = smoothing;
        this.before = before;
        this.after = after;
        this.sensitivity = sensitivity;
        this.uncertainty = uncertainty;
    }

    void writeSensitivity(TensorSink sink) throws IOException {
        each((from, slice) -> sink.floats(from, slice.sensitivity, 0, slice.count));
    }

    void writeUncertainty(TensorSink sink) throws IOException {
        each((from, slice) -> {
            uncertainty.read(from, slice.uncertainty, 0, slice.count);
            slice.follow();
            sink.floats(from, slice.uncertainty, 0, slice.count);
        });
    }

    @FunctionalInterface
    private interface Visit {
        void at(long from, Slice slice) throws IOException;
    }

    /** Whole rows, so many at a time that memory does not grow with the factor. */
    private void each(Visit visit) throws IOException {
        int width = Math.toIntExact(shape.rowElements());
        int rows = Math.toIntExact(shape.rows());
        int step = Math.max(1, SLICE / width);
        Slice slice = new Slice(step * width);
        for (int row = 0; row < rows; row += step) {
            int count = Math.min(step, rows - row);
            long from = (long) row * width;
            slice.load(row, count, width);
            visit.at(from, slice);
        }
    }

    /** One thread's workspace. */
    private final class Slice {

        private final boolean[] sent;
        private final float[] old;
        private final float[] now;
        private final float[] sensitivity;
        private final float[] uncertainty;
        private int count;

        Slice(int capacity) {
            this.sent = new boolean[capacity];
            this.old = new float[capacity];
            this.now = new float[capacity];
            this.sensitivity = new float[capacity];
            this.uncertainty = new float[capacity];
        }

        void load(int firstRow, int rows, int width) {
            count = rows * width;
            Arrays.fill(sent, false);
            for (int row = 0; row < rows; row++) {
                touched.mark(firstRow + row, sent, row * width, width);
            }
            long from = (long) firstRow * width;
            before.read(from, old, 0, count);
            after.read(from, now, 0, count);
            FactorState.this.sensitivity.read(from, sensitivity, 0, count);
            for (int i = 0; i < count; i++) {
                requireSound(sensitivity[i]);
                if (sent[i]) {
                    sensitivity[i] = held(smoothing.sensitivity(sensitivity[i], proxy(i)));
                }
            }
        }

        /** Takes uncertainties of the parent to those that follow. */
        void follow() {
            for (int i = 0; i < count; i++) {
                requireSound(uncertainty[i]);
                if (sent[i]) {
                    uncertainty[i] =
                            held(smoothing.uncertainty(uncertainty[i], proxy(i), sensitivity[i]));
                }
            }
        }

        private double proxy(int i) {
            return Smoothing.proxy(old[i], now[i]);
        }
    }

    /** The product of two floats may be larger than a float. */
    private static float held(double value) {
        return (float) Math.min(value, Float.MAX_VALUE);
    }

    private static void requireSound(float value) {
        if (!(value >= 0 && value <= Float.MAX_VALUE)) { // written so that NaN fails too
            throw PriorState.misfit("it has the value " + value);
        }
    }
}
