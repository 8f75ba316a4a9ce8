package dev.espalier.tensors.masked;

import dev.espalier.tensors.FloatReader;
import java.util.OptionalLong;

/** One pass over the values of a contribution, in small slices, without taking it into memory. */
final class Scan {

    private static final int SLICE = 8192;

    private final MaskedTensor tensor;
    private final float[] values = new float[SLICE];

    Scan(MaskedTensor tensor) {
        this.tensor = tensor;
    }

    OptionalLong firstNonFinite() {
        for (long from = 0; from < tensor.valueCount(); from += SLICE) {
            int n = (int) Math.min(SLICE, tensor.valueCount() - from);
            tensor.readValues(from, values, 0, n);
            int found = firstNonFinite(n);
            if (found < n) {
                return OptionalLong.of(from + found);
            }
        }
        return OptionalLong.empty();
    }

    double squaredNorm() {
        return squaredDistance(FloatReader.zeros());
    }

    double squaredDistance(FloatReader base) {
        MaskedSlice slice = new MaskedSlice(SLICE);
        float[] before = new float[SLICE];
        double sum = 0;
        for (long from = 0; from < tensor.shape().elements(); from += SLICE) {
            int n = (int) Math.min(SLICE, tensor.shape().elements() - from);
            base.read(from, before, 0, n);
            System.arraycopy(before, 0, values, 0, n);
            slice.load(tensor, from, n);
            slice.copyTo(values); // what is not contributed equals the base and adds nothing
            sum += squaredDistance(before, n);
        }
        return sum;
    }

    private double squaredDistance(float[] before, int n) {
        double sum = 0;
        for (int i = 0; i < n; i++) {
            double difference = (double) values[i] - before[i];
            sum += difference * difference;
        }
        return sum;
    }

    private int firstNonFinite(int n) {
        int i = 0;
        while (i < n && Float.isFinite(values[i])) {
            i++;
        }
        return i;
    }
}
