package dev.espalier.orchestrator.assignment;

import java.util.EnumSet;
import java.util.Set;

/**
 * Where a piece of work stands.
 *
 * <pre>
 * PLANNED --offered--> OFFERED --fetched--> FETCHED --its agent says how it ended--> DONE
 *    |                    |                    |                                     ^
 *    +--------------------+--------------------+--its round ends without it--> OVER  |
 *                         |                    |                                     |
 *                         +--------------------+--its update counts--> COUNTED ------+
 * </pre>
 */
public enum PieceState {
    /** Stored; its agent must not hear of it yet. */
    PLANNED,
    /** Given to its agent at the next poll. */
    OFFERED,
    /** Its agent has it; given again to an agent that lost it. */
    FETCHED,
    /** Its update counts; only the word of its agent is missing. */
    COUNTED,
    /** Its agent said how it ended. Final. */
    DONE,
    /** Not wanted any more. Final. */
    OVER;

    static final Set<PieceState> AT_WORK = EnumSet.of(OFFERED, FETCHED);

    static final Set<PieceState> UNSETTLED = EnumSet.of(PLANNED, OFFERED, FETCHED);

    boolean isAtWork() {
        return AT_WORK.contains(this);
    }
}
