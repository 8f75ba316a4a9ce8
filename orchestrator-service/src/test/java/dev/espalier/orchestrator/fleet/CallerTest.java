package dev.espalier.orchestrator.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class CallerTest {

    private static final String SECRET = "kq3vJ5uE0m7RyT1xZb9cL2dN4fH6gS8w";

    @Test
    void showsTheSecretItWasMadeWith() {
        assertThat(Caller.showing(SECRET).shows(Caller.hash(SECRET))).isTrue();
        assertThat(Caller.showing(SECRET + "x").shows(Caller.hash(SECRET))).isFalse();
    }

    @Test
    void nobodyShowsNothing() {
        assertThat(new Caller.Nobody().shows(Caller.hash(""))).isFalse();
    }

    @Test
    void keepsNoSecret() {
        assertThat(Caller.showing(SECRET).toString()).doesNotContain(SECRET);
        assertThat(new FleetProperties(Duration.ofSeconds(1), Duration.ZERO, SECRET).toString())
                .doesNotContain(SECRET);
    }
}
