package dev.espalier.transfer;

import java.time.Duration;

/**
 * How often and how patiently a transfer is taken up again: the pause doubles from {@code first} up
 * to {@code longest}.
 *
 * @param attempts in a row without any progress, at least 1; progress starts the count anew
 */
public record Retries(int attempts, Duration first, Duration longest) {

    public Retries {
        if (attempts < 1 || first.isNegative() || longest.compareTo(first) < 0) {
            throw new IllegalArgumentException(
                    "attempts >= 1 and 0 <= first <= longest: " + attempts);
        }
    }

    /** Eight attempts over about a minute. */
    public static Retries patient() {
        return new Retries(8, Duration.ofMillis(250), Duration.ofSeconds(20));
    }

    /**
     * @param failed attempts that failed in a row, from 1
     */
    Duration pauseAfter(int failed) {
        Duration pause = first.multipliedBy(1L << Math.min(failed - 1, 20));
        return pause.compareTo(longest) > 0 ? longest : pause;
    }
}
