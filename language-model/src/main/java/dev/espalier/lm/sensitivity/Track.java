package dev.espalier.lm.sensitivity;

import dev.espalier.lm.weights.TensorPart;
import dev.espalier.tensors.Shape;

/** The history of one tensor's elements. */
final class Track {

    final Shape shape;
    final double[] smoothed;
    final double[] uncertainty;

    /** Nothing was seen yet. */
    Track(Shape shape) {
        this(
                shape,
                new double[Math.toIntExact(shape.elements())],
                new double[Math.toIntExact(shape.elements())]);
    }

    Track(Shape shape, double[] smoothed, double[] uncertainty) {
        this.shape = shape;
        this.smoothed = smoothed;
        this.uncertainty = uncertainty;
    }

    /** Sees one more step: {@code I = |w g|}, then both means. */
    void add(Smoothing kept, float[] weights, float[] gradient) {
        for (int i = 0; i < smoothed.length; i++) {
            double raw = Math.abs((double) weights[i] * gradient[i]); // exact: 48 bits
            smoothed[i] = mixed(kept.sensitivity(), smoothed[i], raw);
            double surprise = Math.abs(raw - smoothed[i]);
            uncertainty[i] = mixed(kept.uncertainty(), uncertainty[i], surprise);
        }
    }

    private static double mixed(double kept, double old, double now) {
        return kept * old + (1 - kept) * now;
    }

    double[] scores(ElementScore kind) {
        double[] scores = new double[smoothed.length];
        for (int i = 0; i < scores.length; i++) {
            scores[i] = kind.of(smoothed[i], uncertainty[i]);
        }
        return scores;
    }

    /** Of a part, in row order. */
    double[] scores(ElementScore kind, TensorPart part) {
        int[] elements = part.elements(shape);
        double[] scores = new double[elements.length];
        for (int i = 0; i < scores.length; i++) {
            scores[i] = kind.of(smoothed[elements[i]], uncertainty[elements[i]]);
        }
        return scores;
    }
}
