package dev.espalier.lm.train;

/** Hears of every step, on the thread that trains. */
@FunctionalInterface
public interface ProgressListener {

    void onStep(StepReport report);

    /** Wants to hear nothing. */
    static ProgressListener none() {
        return report -> {};
    }
}
