package dev.espalier.aggregation.session;

import static dev.espalier.aggregation.TinyModel.ROUND;
import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.protocol.Digest;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.problem.ProblemType;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class AdmissionTest {

    private static final Instant NOON = Instant.parse("2030-01-01T12:00:00Z");
    private static final Instant BEFORE = NOON.minusSeconds(1);
    private static final Session.Open OPEN = new Session.Open(ROUND, NOON);

    private static final Digest FIRST = Digest.of(new byte[] {1});
    private static final Digest OTHER = Digest.of(new byte[] {2});
    private static final Figures FIGURES =
            new Figures(9, 1, null, null, 1, 1.0, 100, 10, 120, null, null, null, null);
    private static final Seat EMPTY = new Seat.Empty();
    private static final Seat TAKEN = new Seat.Taken(FIRST, FIGURES, BEFORE);
    private static final Seat REFUSED =
            new Seat.Refused(FIRST, ProblemType.UPDATE_UNTRAINED, "equal", 120, BEFORE);

    @Test
    void theFirstUpdateIsWelcome() {
        assertThat(Admission.of(OPEN, EMPTY, FIRST, BEFORE)).isEqualTo(new Admission.Welcome());
    }

    @Test
    void aRetryWithTheSameBytesIsTakenAsTheFirst() {
        assertThat(Admission.of(OPEN, TAKEN, FIRST, BEFORE))
                .isEqualTo(new Admission.HeldAlready(FIGURES));
    }

    @Test
    void otherBytesDoNotReplaceThoseThatCount() {
        assertThat(Admission.of(OPEN, TAKEN, OTHER, BEFORE))
                .isEqualTo(new Admission.Contradicts(FIRST));
    }

    @Test
    void aRefusedUpdateMayBeFollowedByACorrectedOne() {
        assertThat(Admission.of(OPEN, REFUSED, OTHER, BEFORE)).isEqualTo(new Admission.Welcome());
    }

    @Test
    void aRefusedUpdateIsRefusedAgainWithTheSameReason() {
        assertThat(Admission.of(OPEN, REFUSED, FIRST, BEFORE))
                .isEqualTo(new Admission.RefusedBefore(ProblemType.UPDATE_UNTRAINED, "equal"));
    }

    @Test
    void afterTheDeadlineNothingNewIsTaken() {
        assertThat(Admission.of(OPEN, EMPTY, FIRST, NOON)).isInstanceOf(Admission.Closed.class);
        assertThat(Admission.of(OPEN, REFUSED, OTHER, NOON)).isInstanceOf(Admission.Closed.class);
    }

    static List<Session> ended() {
        return List.of(
                OPEN.seal(BEFORE),
                new Session.Published(
                        ROUND, new Outcome(VersionRef.parse("filter@2"), null, null, null), 1),
                new Session.Voided(ROUND, "nobody came"),
                new Session.Cancelled(ROUND));
    }

    @ParameterizedTest
    @MethodSource("ended")
    void onceSealedNothingNewIsTakenButARetryIsStillFree(Session session) {
        assertThat(Admission.of(session, EMPTY, FIRST, BEFORE))
                .isInstanceOf(Admission.Closed.class);
        assertThat(Admission.of(session, TAKEN, OTHER, BEFORE))
                .isInstanceOf(Admission.Closed.class);
        assertThat(Admission.of(session, TAKEN, FIRST, BEFORE))
                .isEqualTo(new Admission.HeldAlready(FIGURES));
    }
}
