package dev.espalier.orchestrator.assignment;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * @param longestWait how long one poll may wait for work
 * @param lookEvery how often a waiting poll asks the database, for work that another replica stored
 * @param retryAfter when an agent shall poll again that found no work
 * @param progressEvery how often the journal takes progress of one agent
 * @param tokenKey from which upload tokens are made, at least 32 characters; absent: drawn at the
 *     first start and kept in the database
 */
@ConfigurationProperties("espalier.work")
record WorkProperties(
        @DefaultValue("30s") Duration longestWait,
        @DefaultValue("2s") Duration lookEvery,
        @DefaultValue("1s") Duration retryAfter,
        @DefaultValue("3s") Duration progressEvery,
        @Nullable String tokenKey) {

    private static final int SHORTEST_KEY = 32;

    WorkProperties {
        if (!lookEvery.isPositive() || longestWait.isNegative() || retryAfter.isNegative()) {
            throw new IllegalArgumentException(
                    "espalier.work.look-every must be longer than nothing, longest-wait and"
                            + " retry-after must not be negative");
        }
        tokenKey = tokenKey == null || tokenKey.isBlank() ? null : tokenKey;
        if (tokenKey != null && tokenKey.length() < SHORTEST_KEY) {
            throw new IllegalArgumentException(
                    "espalier.work.token-key must have at least 32 characters");
        }
    }

    /** Without the key, which must not reach a log. */
    @Override
    public String toString() {
        return "WorkProperties[longestWait=" + longestWait + ", lookEvery=" + lookEvery + "]";
    }
}
