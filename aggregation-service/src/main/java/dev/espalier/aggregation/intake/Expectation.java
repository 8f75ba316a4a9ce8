package dev.espalier.aggregation.intake;

import dev.espalier.aggregation.session.RoundTerms;
import dev.espalier.protocol.AgentName;

/** What an update must be. */
sealed interface Expectation permits TrainingExpectation, PruningExpectation {

    RoundTerms terms();

    AgentName agent();

    /** Of all values that it may hold, in f32. */
    long denseBytes();
}
