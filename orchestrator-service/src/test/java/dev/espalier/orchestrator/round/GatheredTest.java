package dev.espalier.orchestrator.round;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.orchestrator.assignment.Piece;
import dev.espalier.orchestrator.assignment.PieceState;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.AssignmentId;
import dev.espalier.protocol.Digest;
import dev.espalier.protocol.JobId;
import dev.espalier.protocol.RoundId;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.job.RoundView.ClientOutcome;
import dev.espalier.protocol.update.RoundSessionView;
import dev.espalier.protocol.update.RoundSessionView.State;
import dev.espalier.protocol.update.RoundSessionView.UpdateState;
import dev.espalier.protocol.update.RoundSessionView.UpdateView;
import dev.espalier.protocol.work.Cost;
import dev.espalier.protocol.work.Outcome;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.assertj.core.api.Assertions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** When a round is sealed, and what became of whom. */
class GatheredTest {

    private static final Instant START = Instant.parse("2026-01-05T10:15:30Z");
    private static final Instant DEADLINE = START.plusSeconds(600);
    private static final RoundId ROUND = new RoundId(new UUID(0, 1));
    private static final Outcome FAILED = new Outcome.Failed("disk full", 3, 0L);

    private final Map<String, Piece> pieces = new TreeMap<>();
    private final Map<String, UpdateView> updates = new TreeMap<>();

    @Test
    void aFullHouseIsSealedAtOnce() {
        in("ada");
        in("bob");

        assertThat(judge(2, START)).isEqualTo(new Gathered.Seal(2));
    }

    @Test
    void whileSomeoneIsAtWorkAQuorumWaits() {
        in("ada");
        working("bob");

        assertThat(judge(1, DEADLINE.minusMillis(1))).isEqualTo(new Gathered.Wait());
        assertThat(judge(1, DEADLINE)).isEqualTo(new Gathered.Seal(1));
    }

    @Test
    void whoFailedOrWasRefusedIsNotWaitedFor() {
        in("ada");
        failed("bob");
        refused("eve");

        assertThat(judge(1, START)).isEqualTo(new Gathered.Seal(1));
    }

    @Test
    void withoutAQuorumAtTheDeadlineNothingIsPublished() {
        in("ada");
        working("bob");
        invited("eve");

        assertThat(judge(2, DEADLINE))
                .isEqualTo(
                        new Gathered.GiveUp(
                                "1 of 2 needed updates came in time: bob was still at work; eve"
                                        + " never fetched its work"));
    }

    @Test
    void aQuorumThatCannotBeReachedAnyMoreIsNotWaitedFor() {
        failed("ada");
        refused("bob");
        working("eve");

        assertThat(judge(2, START)).isInstanceOf(Gathered.GiveUp.class);
        assertThat(judge(1, START)).isEqualTo(new Gathered.Wait());
    }

    @Test
    void anUpdateThatWasClaimedButNeverCameDoesNotCount() {
        in("ada");
        claimed("bob");

        assertThat(judge(1, START)).isEqualTo(new Gathered.Seal(1));
        Assertions.assertThat(fates(true).getLast())
                .extracting(Fate::outcome, Fate::reason)
                .containsExactly(
                        ClientOutcome.FAILED,
                        "said that it had handed in, but no update of it arrived");
        assertThat(fates(false).getLast().outcome()).isEqualTo(ClientOutcome.WORKING);
    }

    @Test
    void anUpdateCountsEvenIfItsAgentDiedBeforeSayingSo() {
        in("ada");

        assertThat(fates(true).getFirst().outcome()).isEqualTo(ClientOutcome.ACCEPTED);
    }

    @Test
    void aRemovedAgentIsNotWaitedFor() {
        in("ada");
        pieces.put("bob", piece("bob", PieceState.OVER, "the agent was removed", null));
        updates.put("bob", update("bob", UpdateState.MISSING));

        assertThat(judge(1, START)).isEqualTo(new Gathered.Seal(1));
        assertThat(judge(2, START))
                .isEqualTo(
                        new Gathered.GiveUp(
                                "1 of 2 needed updates can still come: bob left: the agent was"
                                        + " removed"));
    }

    @Test
    void aSessionThatWasGivenUpElsewhereIsGivenUpHere() {
        working("ada");
        Round round = round(1);

        assertThat(Gathered.judge(round, session(State.CANCELLED), fates(true), START))
                .isEqualTo(new Gathered.GiveUp("the aggregation service gave the round up"));
        assertThat(Gathered.judge(round, session(State.SEALED), fates(true), START))
                .isInstanceOf(Gathered.Seal.class);
    }

    private void in(String agent) {
        pieces.put(agent, piece(agent, PieceState.FETCHED, null, null));
        updates.put(agent, update(agent, UpdateState.ACCEPTED));
    }

    private void working(String agent) {
        pieces.put(agent, piece(agent, PieceState.FETCHED, null, null));
        updates.put(agent, update(agent, UpdateState.MISSING));
    }

    private void invited(String agent) {
        pieces.put(agent, piece(agent, PieceState.OFFERED, null, null));
        updates.put(agent, update(agent, UpdateState.MISSING));
    }

    private void failed(String agent) {
        pieces.put(agent, piece(agent, PieceState.DONE, null, FAILED));
        updates.put(agent, update(agent, UpdateState.MISSING));
    }

    private void claimed(String agent) {
        Outcome claim = new Outcome.Trained(Digest.of(new byte[0]), 1, 0L, 1, 1, Cost.NONE);
        pieces.put(agent, piece(agent, PieceState.DONE, null, claim));
        updates.put(agent, update(agent, UpdateState.MISSING));
    }

    private void refused(String agent) {
        pieces.put(agent, piece(agent, PieceState.FETCHED, null, null));
        updates.put(agent, update(agent, UpdateState.REJECTED));
    }

    private Gathered judge(int needed, Instant now) {
        return Gathered.judge(round(needed), session(State.OPEN), fates(true), now);
    }

    private List<Fate> fates(boolean current) {
        return Fate.of(List.copyOf(pieces.values()), session(State.OPEN), current);
    }

    private static Round round(int needed) {
        RoundPlan plan =
                new RoundPlan(
                        ROUND,
                        new JobId(new UUID(0, 2)),
                        1,
                        0,
                        VersionRef.parse("all-minilm-l6-v2@1"),
                        VersionRef.parse("spam-filter@1"),
                        needed,
                        100,
                        List.of(),
                        null,
                        PlannedWork.Tuning.ALIKE,
                        START);
        return Round.drawn(plan, DEADLINE);
    }

    private RoundSessionView session(State state) {
        return new RoundSessionView(
                ROUND,
                state,
                List.copyOf(updates.values()),
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                0);
    }

    private static Piece piece(
            String agent, PieceState state, @Nullable String reason, @Nullable Outcome outcome) {
        return new Piece(
                new AssignmentId(new UUID(1, agent.hashCode())),
                new AgentName(agent),
                Piece.Kind.TRAIN,
                null,
                state,
                reason,
                null,
                outcome);
    }

    private static UpdateView update(String agent, UpdateState state) {
        return new UpdateView(
                new AgentName(agent),
                state,
                state == UpdateState.REJECTED ? "it has a NaN" : null,
                null,
                0,
                0,
                0,
                0,
                0,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                0,
                null,
                null);
    }
}
