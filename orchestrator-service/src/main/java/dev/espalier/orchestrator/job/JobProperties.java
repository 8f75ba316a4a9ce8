package dev.espalier.orchestrator.job;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * @param stepEvery how often a job that waits is looked at; what an agent reports wakes it at once
 * @param sweepEvery how often jobs are looked for that nobody carries on
 * @param voidRounds after so many rounds in a row that published nothing, a job fails
 */
@ConfigurationProperties("espalier.job")
record JobProperties(
        @DefaultValue("500ms") Duration stepEvery,
        @DefaultValue("30s") Duration sweepEvery,
        @DefaultValue("3") int voidRounds) {

    JobProperties {
        if (!stepEvery.isPositive() || !sweepEvery.isPositive() || voidRounds < 1) {
            throw new IllegalArgumentException(
                    "espalier.job.step-every and sweep-every must be longer than nothing,"
                            + " void-rounds at least 1");
        }
    }
}
