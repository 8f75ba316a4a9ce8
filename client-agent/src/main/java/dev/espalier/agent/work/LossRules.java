package dev.espalier.agent.work;

/**
 * What a loss must be before it is told: infinite ones and no numbers cannot be written in JSON.
 */
final class LossRules {

    private LossRules() {}

    /**
     * @throws CannotDoException if values of the adapter or the model have run away
     */
    static double requireNumber(double loss) {
        if (!Double.isFinite(loss)) {
            throw new CannotDoException("the loss is no number");
        }
        return loss;
    }
}
