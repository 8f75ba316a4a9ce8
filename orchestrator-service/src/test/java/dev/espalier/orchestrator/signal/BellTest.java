package dev.espalier.orchestrator.signal;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class BellTest {

    private static final Duration FOREVER = Duration.ofDays(1);

    private final Bell<String> bell = new Bell<>();

    @Test
    void aRingBetweenListeningAndWaitingIsNotMissed() throws InterruptedException {
        try (Bell<String>.Ear ear = bell.listen("ada")) {
            bell.ring("ada");

            ear.await(FOREVER); // returns
        }
    }

    @Test
    void aRingForSomeoneElseWakesNobody() throws InterruptedException {
        try (Bell<String>.Ear ear = bell.listen("ada")) {
            bell.ring("bob");
            ear.await(Duration.ofNanos(1)); // gives up

            assertThat(bell.listeners()).isEqualTo(1);
        }
    }

    @Test
    void manyRingsAreOneWaking() throws InterruptedException {
        try (Bell<String>.Ear ear = bell.listen("ada")) {
            bell.ring("ada");
            bell.ring("ada");
            ear.await(FOREVER);
            Thread other = Thread.ofVirtual().start(() -> bell.ring("ada"));

            ear.await(FOREVER); // by the third
            other.join();
        }
    }

    @Test
    void whoHasClosedTheirEarIsForgotten() {
        bell.listen("ada").close();

        assertThat(bell.listeners()).isZero();
    }

    @Test
    void afterTheLastBellNobodyWaits() throws InterruptedException {
        try (Bell<String>.Ear before = bell.listen("ada")) {
            bell.close();
            before.await(FOREVER);
            try (Bell<String>.Ear after = bell.listen("bob")) {
                after.await(FOREVER);
            }
        }
        assertThat(bell.isClosed()).isTrue();
    }
}
