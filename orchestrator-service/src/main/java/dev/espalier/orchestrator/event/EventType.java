package dev.espalier.orchestrator.event;

import java.util.Locale;

/** What can happen to a job. */
public enum EventType {
    JOB_SUBMITTED,
    /** It was accepted as it is, but something in it may surprise; the message says what. */
    JOB_WARNING,
    JOB_PREPARED,
    /** Nothing moves; the message says why. */
    JOB_WAITING,
    JOB_PAUSED,
    JOB_RESUMED,
    JOB_FINISHING,
    JOB_COMPLETED,
    JOB_FAILED,
    JOB_CANCELLED,
    /** Agents measure losses, from which a cohort is chosen. */
    CANDIDATES_ASKED,
    ROUND_STARTED,
    ASSIGNMENT_FETCHED,
    /** Thinned out while it is stored, and deleted when its round ends. */
    CLIENT_PROGRESS,
    CLIENT_FAILED,
    UPDATE_ACCEPTED,
    UPDATE_REJECTED,
    ROUND_SEALED,
    VERSION_PUBLISHED,
    EVALUATION_STARTED,
    ROUND_EVALUATED,
    /** The round ended without the evaluation that was asked for. */
    ROUND_NOT_EVALUATED,
    ROUND_COMPLETED,
    ROUND_VOID,
    ROUND_CANCELLED;

    /** As it crosses the wire, for example {@code round-started}. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Nothing happens to a job after it. */
    public boolean isLast() {
        return this == JOB_COMPLETED || this == JOB_FAILED || this == JOB_CANCELLED;
    }

    static boolean isLast(String wireName) {
        return wireName.equals(JOB_COMPLETED.wireName())
                || wireName.equals(JOB_FAILED.wireName())
                || wireName.equals(JOB_CANCELLED.wireName());
    }
}
