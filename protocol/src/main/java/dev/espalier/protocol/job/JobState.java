package dev.espalier.protocol.job;

/** Where a job stands. */
public enum JobState {
    /** Its initial adapter is being published; no agent has been told yet. */
    PREPARING,
    /** Its rounds run, or wait for agents; {@code waitingFor} says for what. */
    RUNNING,
    /** No new round begins until someone resumes it; a round under way is finished. */
    PAUSED,
    /** All rounds are done; the merged model is being published and the alias moved. */
    FINISHING,
    /** Everything is published. Final. */
    COMPLETED,
    /** It could not go on; {@code reason} says why. Final. */
    FAILED,
    /** Someone cancelled it; published versions stay. Final. */
    CANCELLED;

    public boolean isFinal() {
        return this == COMPLETED || this == FAILED || this == CANCELLED;
    }
}
