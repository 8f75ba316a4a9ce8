package dev.espalier.agent.work;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class FailuresTest {

    private static final Exception QUOTING =
            new IllegalStateException(
                    "unexpected 'canary' in column 3", new IOException("canary at line 2"));

    @Test
    void wordsOfOthersAreNotPassedOn() {
        assertThat(Failures.reason(QUOTING))
                .contains("IllegalStateException")
                .doesNotContain("canary");
        assertThat(Failures.trace(QUOTING))
                .contains("IllegalStateException", "IOException", "FailuresTest")
                .doesNotContain("canary");
    }

    @Test
    void ourOwnWordsArePassedOnButNotWithoutEnd() {
        assertThat(Failures.reason(new CannotDoException("no such data")))
                .isEqualTo("no such data");
        assertThat(Failures.reason(new CannotDoException("x".repeat(5000)))).hasSize(1000);
    }
}
