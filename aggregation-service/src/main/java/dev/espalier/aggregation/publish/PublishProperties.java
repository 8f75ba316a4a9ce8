package dev.espalier.aggregation.publish;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How sealed rounds are worked on.
 *
 * @param pollEvery how often a replica looks for sealed rounds that nobody told it of: those of
 *     other replicas, of before a restart, and those that failed
 * @param lease how long after the death of a replica another one takes its round up
 */
@ConfigurationProperties("espalier.publish")
record PublishProperties(
        @DefaultValue("2s") Duration pollEvery, @DefaultValue("10s") Duration lease) {

    PublishProperties {
        if (!pollEvery.isPositive() || lease.toMillis() < 1000) {
            throw new IllegalArgumentException(
                    "espalier.publish needs poll-every > 0 and lease >= 1s: "
                            + pollEvery
                            + ", "
                            + lease);
        }
    }
}
