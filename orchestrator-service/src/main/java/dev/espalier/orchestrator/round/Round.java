package dev.espalier.orchestrator.round;

import dev.espalier.protocol.JobId;
import dev.espalier.protocol.RoundId;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.update.RoundSessionView;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One round. Its transitions return the next round; storing that is for others.
 *
 * @param deadline for updates; before the cohort is drawn, for losses
 * @param sealedAt when it stopped taking updates
 * @param session what the aggregation service said last
 * @param stored counts the times it was stored, so that no stored change is overwritten unseen
 */
public record Round(
        RoundPlan plan,
        RoundStatus status,
        Instant deadline,
        @Nullable Instant sealedAt,
        @Nullable RoundSessionView session,
        long stored) {

    static final long NEVER_STORED = -1;

    static Round drawn(RoundPlan plan, Instant deadline) {
        return new Round(plan, new RoundStatus.Drawn(), deadline, null, null, NEVER_STORED);
    }

    /** Candidates are asked for a loss. */
    static Round scoring(RoundPlan plan, Instant scoreBy) {
        return new Round(plan, new RoundStatus.Scoring(scoreBy), scoreBy, null, null, NEVER_STORED);
    }

    /** The cohort is drawn from what the candidates told. */
    Round chosen(RoundPlan decided, Instant updatesBy) {
        return new Round(decided, new RoundStatus.Drawn(), updatesBy, null, null, stored);
    }

    public RoundId id() {
        return plan.id();
    }

    public JobId job() {
        return plan.job();
    }

    public int number() {
        return plan.number();
    }

    /** The base that the version which the round became sits on. */
    VersionRef baseAfter() {
        VersionRef becomes = status.becomes();
        if (becomes != null && plan.work() instanceof PlannedWork.Pruning) {
            return becomes; // it is a base itself
        }
        return session == null || session.publishedBase() == null
                ? plan.base()
                : session.publishedBase();
    }

    boolean isOpen() {
        return status.ended() == null;
    }

    /** With more time, since nobody could be told of the round yet. */
    Round postponed(Instant later) {
        return new Round(plan, status, later, sealedAt, session, stored);
    }

    Round opened(RoundSessionView view) {
        return new Round(plan, new RoundStatus.Gathering(), deadline, null, view, stored);
    }

    Round having(RoundSessionView view) {
        return new Round(plan, status, deadline, sealedAt, view, stored);
    }

    Round sealed(Instant now) {
        return new Round(plan, new RoundStatus.Combining(), deadline, now, session, stored);
    }

    /**
     * @param evaluateBy absent where this version is not evaluated
     */
    Round published(VersionRef version, @Nullable Instant evaluateBy, Instant now) {
        return evaluateBy == null
                ? with(new RoundStatus.Completed(version, Results.NONE, null, now))
                : with(new RoundStatus.Evaluating(version, evaluateBy));
    }

    /**
     * @param missing why an evaluation is missing that was wanted
     */
    Round evaluated(VersionRef version, Results results, @Nullable String missing, Instant now) {
        return with(new RoundStatus.Completed(version, results, missing, now));
    }

    Round voided(String reason, Instant now) {
        return with(new RoundStatus.Void(reason, now));
    }

    Round cancelled(Instant now) {
        return with(new RoundStatus.Cancelled(status.becomes(), now, false));
    }

    Round sessionClosed() {
        return status instanceof RoundStatus.Cancelled cancelled
                ? with(new RoundStatus.Cancelled(cancelled.published(), cancelled.endedAt(), true))
                : this;
    }

    private Round with(RoundStatus next) {
        return new Round(plan, next, deadline, sealedAt, session, stored);
    }
}
