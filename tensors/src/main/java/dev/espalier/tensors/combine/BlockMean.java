package dev.espalier.tensors.combine;

import dev.espalier.tensors.FloatReader;
import dev.espalier.tensors.masked.MaskedSlice;
import java.util.Arrays;
import java.util.List;

/**
 * The masked mean of one block of elements: one thread's workspace.
 *
 * <p>Sums start at -0.0, the one number that changes nothing when anything is added to it, so that
 * a single contribution comes out with all its bits.
 */
final class BlockMean {

    private final List<Contribution> contributions;
    private final Fallback fallback;
    private final FloatReader previous;
    private final boolean someWeighNothing;

    private final MaskedSlice slice;
    private final double[] elementWeights;
    private final double[] sums;
    private final double[] weights;
    private final float[] result;

    /**
     * @param contributions in ascending order of agents
     */
    BlockMean(
            List<Contribution> contributions,
            FloatReader previous,
            Fallback fallback,
            int capacity) {
        this.contributions = contributions;
        this.fallback = fallback;
        this.previous = previous;
        this.someWeighNothing = contributions.stream().anyMatch(one -> one.weight().hasZero());
        this.slice = new MaskedSlice(capacity);
        this.elementWeights = new double[capacity];
        this.sums = new double[capacity];
        this.weights = new double[capacity];
        this.result = new float[capacity];
    }

    /** The mean of elements {@code [from, from + count)}, valid until the next call. */
    float[] mean(long from, int count) {
        clear(count);
        for (Contribution one : contributions) {
            addWeighted(one, from, count);
        }
        if (divide(count) == count) {
            return result;
        }
        fillUnweighed(from, count);
        return result;
    }

    /**
     * How many contribute to each of {@code [from, from + count)}. Overwrites the workspace, not
     * the mean.
     */
    void counts(long from, int count, int[] into) {
        addUniform(from, count);
        for (int i = 0; i < count; i++) {
            into[i] = (int) weights[i];
        }
    }

    private void clear(int count) {
        Arrays.fill(sums, 0, count, -0.0);
        Arrays.fill(weights, 0, count, 0.0);
    }

    private void addWeighted(Contribution one, long from, int count) {
        slice.load(one.tensor(), from, count);
        if (one.weight().isScalar()) {
            slice.addTo(sums, weights, one.weight().scalar());
            return;
        }
        one.weight().fill(one.tensor().shape(), from, count, elementWeights);
        slice.addTo(sums, weights, elementWeights);
    }

    private void addUniform(long from, int count) {
        clear(count);
        for (Contribution one : contributions) {
            slice.load(one.tensor(), from, count);
            slice.addTo(sums, weights, 1.0);
        }
    }

    /** Returns how many have a weight; the others are NaN for now, since 0 / 0 is. */
    private int divide(int count) {
        int weighed = 0;
        for (int i = 0; i < count; i++) {
            result[i] = (float) (sums[i] / weights[i]);
        }
        for (int i = 0; i < count; i++) {
            weighed += weights[i] > 0 ? 1 : 0;
        }
        return weighed;
    }

    /** Nobody contributed: the fallback. All contributors weigh nothing: they count alike. */
    private void fillUnweighed(long from, int count) {
        float[] other = new float[count];
        if (contributions.isEmpty() || fallback == Fallback.PREVIOUS) {
            previous.read(from, other, 0, count);
        }
        for (int i = 0; i < count; i++) {
            if (!(weights[i] > 0)) {
                result[i] = other[i];
            }
        }
        if (someWeighNothing) {
            fillWeightless(from, count);
        }
    }

    private void fillWeightless(long from, int count) {
        boolean[] open = new boolean[count];
        for (int i = 0; i < count; i++) {
            open[i] = !(weights[i] > 0);
        }
        addUniform(from, count);
        for (int i = 0; i < count; i++) {
            if (open[i] && weights[i] > 0) {
                result[i] = (float) (sums[i] / weights[i]);
            }
        }
    }
}
