package dev.espalier.aggregation.combine;

import dev.espalier.protocol.update.AdapterLayout;
import dev.espalier.tensors.FloatReader;
import dev.espalier.tensors.masked.MaskedTensor;
import java.io.IOException;
import java.util.Optional;

/**
 * Frobenius norm of {@code B A} of what a client sent of one module, HetLoRA's weight of it (read
 * (3rd)). What was not sent counts as zero.
 *
 * <p>From two small matrices, never the product: {@code |BA|^2 = sum_ij (B'B)_ij (AA')_ij}, each
 * [r, r]. In memory at a time: the two factors of one module.
 */
final class ProductNorm {

    /** What the kernel would not take as a weight: no float's product comes near it. */
    private static final double SMALLEST = 1e-100;

    private ProductNorm() {}

    /** 0 where nothing of the module was sent. */
    static double of(String module, AdapterLayout layout, OpenUpdate client) throws IOException {
        ModuleFactors factors = ModuleFactors.of(module, layout);
        Optional<MaskedTensor> sentA = client.sent(factors.a());
        Optional<MaskedTensor> sentB = client.sent(factors.b());
        if (sentA.isEmpty() || sentB.isEmpty()) {
            return 0;
        }
        int rank = factors.rank();
        double[] ofA = gramOfRows(all(sentA.get()), rank); // [r, r]
        double[] ofB = gramOfColumns(all(sentB.get()), rank); // [r, r]
        double squared = 0;
        for (int i = 0; i < ofA.length; i++) {
            squared += ofA[i] * ofB[i];
        }
        double norm = Math.sqrt(Math.max(squared, 0)); // rounding may leave it below 0
        return norm < SMALLEST ? 0 : norm;
    }

    private static float[] all(MaskedTensor sent) {
        float[] values = new float[Math.toIntExact(sent.shape().elements())];
        sent.padded(FloatReader.zeros()).readValues(0, values, 0, values.length);
        return values;
    }

    /**
     * {@code A A'}.
     *
     * @param a [rank, in]
     */
    private static double[] gramOfRows(float[] a, int rank) {
        int in = a.length / rank;
        double[] gram = new double[rank * rank];
        for (int i = 0; i < rank; i++) {
            for (int j = 0; j < rank; j++) {
                double sum = 0;
                for (int c = 0; c < in; c++) {
                    sum += (double) a[i * in + c] * a[j * in + c];
                }
                gram[i * rank + j] = sum;
            }
        }
        return gram;
    }

    /**
     * {@code B'B}.
     *
     * @param b [out, rank]
     */
    private static double[] gramOfColumns(float[] b, int rank) {
        double[] gram = new double[rank * rank];
        for (int row = 0; row < b.length; row += rank) {
            for (int i = 0; i < rank; i++) {
                for (int j = 0; j < rank; j++) {
                    gram[i * rank + j] += (double) b[row + i] * b[row + j];
                }
            }
        }
        return gram;
    }
}
