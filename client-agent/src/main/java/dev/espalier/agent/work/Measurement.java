package dev.espalier.agent.work;

import dev.espalier.agent.journal.Page;
import dev.espalier.protocol.work.Outcome;

/** What a version is worth on held-out rows, found piece by piece so that it can be stopped. */
interface Measurement extends AutoCloseable {

    /** Steps in all. */
    int steps();

    /**
     * Measures the next piece.
     *
     * @param from steps done
     * @return steps done then
     */
    int measure(int from);

    /**
     * What was found, once all steps are done.
     *
     * @param notes of what was fetched for it
     * @throws CannotDoException if the loss is no number
     */
    Outcome.Evaluated outcome(Page.Notes notes);

    /** Frees what it computes with; the model stays. */
    @Override
    void close();
}
