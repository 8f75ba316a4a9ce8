package dev.espalier.orchestrator.round;

import dev.espalier.protocol.job.RoundView.Evaluation;
import org.jspecify.annotations.Nullable;

/**
 * What a round's version gave, on each kind of data; absent where it was not evaluated.
 *
 * @param ofClients on the data that clients hold out
 * @param last on the data that only the last version is shown
 */
record Results(
        @Nullable Evaluation all, @Nullable Evaluation ofClients, @Nullable Evaluation last) {

    static final Results NONE = new Results(null, null, null);
}
