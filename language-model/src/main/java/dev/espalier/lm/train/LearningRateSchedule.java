package dev.espalier.lm.train;

/** How the learning rate goes over a run, as the schedules of transformers with the same names. */
public enum LearningRateSchedule {
    /** Stays after the warm-up. */
    CONSTANT,
    /** Falls in a straight line to zero. */
    LINEAR,
    /** Falls along half a cosine to zero. */
    COSINE;

    /**
     * The factor on the learning rate of one step; in the warm-up it rises from 0 in a straight
     * line.
     *
     * @param step from 0
     * @param warmup steps of warm-up
     * @param total steps of the run, warm-up included
     * @return 0 to 1
     */
    public double factor(int step, int warmup, int total) {
        if (step < warmup) {
            return (double) step / warmup;
        }
        double progress = (double) (step - warmup) / Math.max(1, total - warmup);
        return switch (this) {
            case CONSTANT -> 1;
            case LINEAR -> Math.max(0, 1 - progress);
            case COSINE -> Math.max(0, 0.5 * (1 + StrictMath.cos(Math.PI * progress)));
        };
    }
}
