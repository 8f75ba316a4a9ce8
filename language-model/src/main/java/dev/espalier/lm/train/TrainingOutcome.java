package dev.espalier.lm.train;

/** How a run ended: both happen on a good day. */
public sealed interface TrainingOutcome {

    /** All steps are done. */
    record Finished(TrainingResult result) implements TrainingOutcome {}

    /** The caller stopped it; it can go on from here as if it had not been stopped. */
    record Stopped(TrainingCheckpoint checkpoint) implements TrainingOutcome {}
}
