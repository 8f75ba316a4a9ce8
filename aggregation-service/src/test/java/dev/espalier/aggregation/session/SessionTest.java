package dev.espalier.aggregation.session;

import static dev.espalier.aggregation.TinyModel.ROUND;
import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.protocol.VersionRef;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class SessionTest {

    private static final Instant NOON = Instant.parse("2030-01-01T12:00:00Z");
    private static final Session.Open OPEN = new Session.Open(ROUND, NOON);

    @Test
    void takesUpdatesUntilJustBeforeItsDeadline() {
        assertThat(OPEN.takesAt(NOON.minusNanos(1))).isTrue();
        assertThat(OPEN.takesAt(NOON)).isFalse();
    }

    @Test
    void aSealedRoundIsDueAtOnce() {
        assertThat(OPEN.seal(NOON)).isEqualTo(new Session.Sealed(ROUND, 0, NOON));
    }

    @Test
    void aLeasedRoundIsDueAgainOnlyWhenTheLeaseEnds() {
        Session.Sealed leased = OPEN.seal(NOON).leased(NOON.plusSeconds(10));

        assertThat(leased.dueAt()).isEqualTo(NOON.plusSeconds(10));
        assertThat(leased.failures()).isZero();
    }

    @Test
    void pausesDoubleUpToHalfAMinute() {
        Session.Sealed sealed = OPEN.seal(NOON);
        long[] expected = {1, 2, 4, 8, 16, 30, 30, 30, 30, 30, 30, 30, 30};

        for (long seconds : expected) {
            sealed = sealed.postponed(NOON);
            assertThat(Duration.between(NOON, sealed.dueAt())).hasSeconds(seconds);
        }
    }

    @Test
    void aSealedRoundEndsPublishedVoidOrCancelled() {
        Session.Sealed sealed = OPEN.seal(NOON);
        Outcome outcome = new Outcome(VersionRef.parse("filter@2"), null, null, null);

        assertThat(sealed.published(outcome, 1.5))
                .isEqualTo(new Session.Published(ROUND, outcome, 1.5));
        assertThat(sealed.voided("nobody came"))
                .isEqualTo(new Session.Voided(ROUND, "nobody came"));
        assertThat(sealed.cancel()).isEqualTo(new Session.Cancelled(ROUND));
    }
}
