package dev.espalier.lm.metric;

/**
 * What a classifier is worth on some examples.
 *
 * @param loss mean cross-entropy in nats
 */
public record Evaluation(double loss, ConfusionMatrix confusion) {

    public long examples() {
        return confusion.examples();
    }

    /** 0 to 1. */
    public double accuracy() {
        return confusion.accuracy();
    }

    /** 0 to 1. */
    public double macroF1() {
        return confusion.macroF1();
    }
}
