package dev.espalier.lm.metric;

/**
 * How well tokens were foretold.
 *
 * @param loss mean of {@code -log p(token | tokens before)} over all predictions, in nats
 * @param predictions how many tokens were predicted
 */
public record LanguageEvaluation(double loss, long predictions) {

    /** {@code exp(loss)}: among how many equally likely tokens the model is at a loss. */
    public double perplexity() {
        return Math.exp(loss);
    }
}
