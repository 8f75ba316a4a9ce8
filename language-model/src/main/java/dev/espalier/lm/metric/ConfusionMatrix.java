package dev.espalier.lm.metric;

import java.util.Arrays;

/** How often each true class was taken for each class. Immutable. */
public final class ConfusionMatrix {

    private final long[][] counts;

    private ConfusionMatrix(long[][] counts) {
        this.counts = counts;
    }

    /**
     * @param truth classes from 0
     * @param predicted one for each of {@code truth}
     */
    public static ConfusionMatrix of(int classes, int[] truth, int[] predicted) {
        if (truth.length != predicted.length) {
            throw new IllegalArgumentException(
                    "%d predictions for %d examples".formatted(predicted.length, truth.length));
        }
        long[][] counts = new long[classes][classes];
        for (int i = 0; i < truth.length; i++) {
            counts[truth[i]][predicted[i]]++;
        }
        return new ConfusionMatrix(counts);
    }

    public int classes() {
        return counts.length;
    }

    /** How many examples of class {@code truth} were taken for {@code predicted}. */
    public long count(int truth, int predicted) {
        return counts[truth][predicted];
    }

    public long examples() {
        return Arrays.stream(counts).flatMapToLong(Arrays::stream).sum();
    }

    /** Share of examples that were taken for what they are, 0 to 1; NaN without examples. */
    public double accuracy() {
        long right = 0;
        for (int c = 0; c < classes(); c++) {
            right += counts[c][c];
        }
        return (double) right / examples();
    }

    /**
     * The plain mean over classes of the harmonic mean of precision and recall, 0 to 1, as
     * scikit-learn's {@code f1_score(average="macro")}: a class that is neither there nor predicted
     * does not count; NaN without examples.
     */
    public double macroF1() {
        double sum = 0;
        int seen = 0;
        for (int c = 0; c < classes(); c++) {
            long trueOnes = Arrays.stream(counts[c]).sum();
            long predictedOnes = predicted(c);
            if (trueOnes + predictedOnes > 0) {
                sum += 2.0 * counts[c][c] / (trueOnes + predictedOnes);
                seen++;
            }
        }
        return sum / seen;
    }

    private long predicted(int label) {
        return Arrays.stream(counts).mapToLong(row -> row[label]).sum();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ConfusionMatrix that && Arrays.deepEquals(counts, that.counts);
    }

    @Override
    public int hashCode() {
        return Arrays.deepHashCode(counts);
    }

    @Override
    public String toString() {
        return "ConfusionMatrix" + Arrays.deepToString(counts);
    }
}
