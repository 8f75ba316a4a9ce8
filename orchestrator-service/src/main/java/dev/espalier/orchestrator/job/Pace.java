package dev.espalier.orchestrator.job;

/** When a job wants its next step. */
enum Pace {
    AT_ONCE,
    /** After a moment, or when somebody wakes it. */
    LATER,
    NEVER
}
