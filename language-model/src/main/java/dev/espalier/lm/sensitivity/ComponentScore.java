package dev.espalier.lm.sensitivity;

/**
 * How the scores of a rank-1 component's elements become one. Component i is row i of A and column
 * i of B.
 */
public enum ComponentScore {
    /** The mean over the row plus the mean over the column, as AdaLoRA has it: both weigh alike. */
    MEAN_PLUS_MEAN {
        @Override
        double of(double row, int in, double column, int out) {
            return row / in + column / out;
        }
    },
    /** The mean over all elements of both. */
    MEAN_OF_ALL {
        @Override
        double of(double row, int in, double column, int out) {
            return (row + column) / (in + out);
        }
    },
    /** The sum over all elements of both: wide layers score higher. */
    SUM {
        @Override
        double of(double row, int in, double column, int out) {
            return row + column;
        }
    };

    /**
     * @param row sum over the {@code in} scores of the row of A
     * @param column sum over the {@code out} scores of the column of B
     */
    abstract double of(double row, int in, double column, int out);

    /**
     * The score of every component.
     *
     * @param a scores of A, [rank, in] in row order
     * @param b scores of B, [out, rank] in row order
     */
    double[] ofAll(int rank, double[] a, double[] b) {
        if (rank == 0) {
            return new double[0];
        }
        int in = a.length / rank;
        int out = b.length / rank;
        double[] scores = new double[rank];
        for (int i = 0; i < rank; i++) {
            double row = 0;
            for (int j = 0; j < in; j++) {
                row += a[i * in + j];
            }
            double column = 0;
            for (int o = 0; o < out; o++) {
                column += b[o * rank + i];
            }
            scores[i] = of(row, in, column, out);
        }
        return scores;
    }

    /**
     * The score of every triplet of a singular value, a row of A and a column of B: that of the
     * component, and that of its value, which stands alone.
     *
     * @param a scores of A, [rank, in] in row order
     * @param values scores of the singular values, [rank]
     * @param b scores of B, [out, rank] in row order
     */
    double[] ofAll(double[] a, double[] values, double[] b) {
        double[] scores = ofAll(values.length, a, b);
        for (int i = 0; i < scores.length; i++) {
            scores[i] += values[i];
        }
        return scores;
    }
}
