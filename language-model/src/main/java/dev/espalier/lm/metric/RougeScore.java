package dev.espalier.lm.metric;

/**
 * How much of a reference is in a text and how much of the text is in the reference, all 0 to 1.
 *
 * @param precision share of the prediction that the reference has
 * @param recall share of the reference that the prediction has
 * @param f their harmonic mean; 0 if both are 0
 */
public record RougeScore(double precision, double recall, double f) {

    /**
     * @param common units that both have
     * @param predicted units of the prediction
     * @param expected units of the reference
     */
    static RougeScore of(int common, int predicted, int expected) {
        double precision = (double) common / Math.max(predicted, 1);
        double recall = (double) common / Math.max(expected, 1);
        double sum = precision + recall;
        return new RougeScore(precision, recall, sum > 0 ? 2 * precision * recall / sum : 0);
    }
}
