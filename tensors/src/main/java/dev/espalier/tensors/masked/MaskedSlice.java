package dev.espalier.tensors.masked;

import dev.espalier.tensors.masked.Encoding.Bitmap;
import dev.espalier.tensors.masked.Encoding.Cells;
import dev.espalier.tensors.masked.Encoding.Columns;
import dev.espalier.tensors.masked.Encoding.Dense;
import dev.espalier.tensors.masked.Encoding.MaskOnly;
import dev.espalier.tensors.masked.Encoding.Rows;

/**
 * A workspace that holds what one contribution has in one slice of a tensor, ready to be added up.
 *
 * <p>Every encoding keeps row-major order, so the contributed values of a slice lie side by side
 * and are read at once. Where they go is either a few runs of neighbours or single positions.
 * Mutable; one per thread.
 */
public final class MaskedSlice {

    private final float[] values;

    /** Starts of runs, or positions of single elements, counted from the start of the slice. */
    private final int[] places;

    private final int[] lengths;
    private final float[] own;
    private boolean scattered;
    private int placed;
    private int kept;

    /**
     * @param capacity the longest slice it can hold
     */
    public MaskedSlice(int capacity) {
        this.values = new float[capacity];
        this.places = new int[capacity];
        this.lengths = new int[capacity];
        this.own = new float[capacity];
    }

    /** Takes over the elements {@code [from, from + count)} of the whole tensor. */
    public void load(MaskedTensor tensor, long from, int count) {
        placed = 0;
        kept = 0;
        switch (tensor.encoding()) {
            case Dense() -> loadDense(tensor, from, count);
            case Rows _, Columns _, Cells _ -> loadGrid(tensor, from, count);
            case Bitmap(ElementMask mask) -> loadBitmap(tensor, mask, from, count);
            case MaskOnly(ElementMask mask) -> loadOwn(tensor, mask, from, count);
        }
    }

    /**
     * For each contributed element j: {@code sums[j] += weight * value[j]; weights[j] += weight}.
     */
    public void addTo(double[] sums, double[] weights, double weight) {
        if (scattered) {
            scatter(sums, weights, weight);
            return;
        }
        float[] source = values; // fields read within the loop would keep the compiler from vector
        // instructions
        int[] starts = places;
        int[] extents = lengths;
        int runs = placed;
        int at = 0;
        for (int run = 0; run < runs; run++) {
            addProducts(sums, starts[run], weight, source, at, extents[run]);
            add(weights, starts[run], weight, extents[run]);
            at += extents[run];
        }
    }

    /**
     * For each contributed element j: {@code sums[j] += weight[j] * value[j]; weights[j] +=
     * weight[j]}.
     */
    public void addTo(double[] sums, double[] weights, double[] weight) {
        if (scattered) {
            scatter(sums, weights, weight);
            return;
        }
        float[] source = values; // as above
        int[] starts = places;
        int[] extents = lengths;
        int runs = placed;
        int at = 0;
        for (int run = 0; run < runs; run++) {
            addProducts(sums, starts[run], weight, source, at, extents[run]);
            add(weights, starts[run], weight, extents[run]);
            at += extents[run];
        }
    }

    /** For each contributed element j: {@code into[j] = value[j]}. The rest is left alone. */
    public void copyTo(float[] into) {
        copyTo(into, 0);
    }

    /** For each contributed element j: {@code into[offset + j] = value[j]}. */
    void copyTo(float[] into, int offset) {
        int at = 0;
        for (int i = 0; i < placed; i++) {
            int length = scattered ? 1 : lengths[i];
            System.arraycopy(values, at, into, offset + places[i], length);
            at += length;
        }
    }

    void addRun(int start, int length) {
        kept += length;
        if (placed > 0 && places[placed - 1] + lengths[placed - 1] == start) {
            lengths[placed - 1] += length;
            return;
        }
        places[placed] = start;
        lengths[placed++] = length;
    }

    private void loadDense(MaskedTensor tensor, long from, int count) {
        scattered = false;
        addRun(0, count);
        tensor.requireValues().read(from, values, 0, count);
    }

    private void loadGrid(MaskedTensor tensor, long from, int count) {
        Grid grid = tensor.requireGrid();
        scattered = grid.isScattered();
        if (scattered) {
            placed = grid.positions(from, count, places);
            kept = placed;
        } else {
            grid.runs(from, count, this);
        }
        tensor.requireValues().read(grid.rank(from), values, 0, kept);
    }

    private void loadBitmap(MaskedTensor tensor, ElementMask mask, long from, int count) {
        loadPositions(mask, from, count);
        tensor.requireValues().read(mask.rank(from), values, 0, kept);
    }

    private void loadOwn(MaskedTensor tensor, ElementMask mask, long from, int count) {
        loadPositions(mask, from, count);
        tensor.requireValues().read(from, own, 0, count);
        for (int i = 0; i < kept; i++) {
            values[i] = own[places[i]];
        }
    }

    private void loadPositions(ElementMask mask, long from, int count) {
        scattered = true;
        placed = mask.positions(from, count, places);
        kept = placed;
    }

    // The loops below are all the arithmetic there is. They are static and free of branches, one
    // array written per
    // loop: so the compiler turns those over runs into vector instructions.

    private static void addProducts(
            double[] sums, int to, double weight, float[] values, int from, int length) {
        for (int i = 0; i < length; i++) {
            sums[to + i] += weight * values[from + i];
        }
    }

    private static void addProducts(
            double[] sums, int to, double[] weight, float[] values, int from, int length) {
        for (int i = 0; i < length; i++) {
            sums[to + i] += weight[to + i] * values[from + i];
        }
    }

    private static void add(double[] weights, int to, double weight, int length) {
        for (int i = 0; i < length; i++) {
            weights[to + i] += weight;
        }
    }

    private static void add(double[] weights, int to, double[] weight, int length) {
        for (int i = 0; i < length; i++) {
            weights[to + i] += weight[to + i];
        }
    }

    private void scatter(double[] sums, double[] weights, double weight) {
        for (int i = 0; i < kept; i++) {
            int to = places[i];
            sums[to] += weight * values[i];
            weights[to] += weight;
        }
    }

    private void scatter(double[] sums, double[] weights, double[] weight) {
        for (int i = 0; i < kept; i++) {
            int to = places[i];
            sums[to] += weight[to] * values[i];
            weights[to] += weight[to];
        }
    }
}
