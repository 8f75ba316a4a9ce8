package dev.espalier.protocol.job;

/** Where a round stands. */
public enum RoundState {
    /** Candidates measure losses, from which the cohort is chosen. */
    SCORING,
    /** The cohort trains and hands in. */
    GATHERING,
    /** No update is taken any more; the aggregation service combines. */
    COMBINING,
    /** The new version is published and being evaluated. */
    EVALUATING,
    /** Published, and evaluated where that was asked for. Final. */
    COMPLETED,
    /**
     * Nothing was published: too few updates came, or none counted. The next round starts from the
     * same version. Final.
     */
    VOID,
    /** The job was cancelled. Final. */
    CANCELLED
}
