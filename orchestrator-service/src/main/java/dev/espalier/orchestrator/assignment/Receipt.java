package dev.espalier.orchestrator.assignment;

import dev.espalier.protocol.JobId;

/** What became of an outcome that an agent reported. All of these happen on a good day. */
sealed interface Receipt {

    /** Stored now, or the same was stored before. */
    record Taken(JobId job) implements Receipt {}

    /** Its round went on without it. */
    record Over(String reason) implements Receipt {}

    /** Something else was reported before; that stays. */
    record Contradicts() implements Receipt {}

    /** An evaluation cannot end as a training, nor the other way round. */
    record WrongKind(Piece.Kind expected) implements Receipt {}

    /** This agent was never given such work. */
    record Unknown() implements Receipt {}
}
