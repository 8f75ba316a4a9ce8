package dev.espalier.orchestrator.event;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The live stream of a job's events.
 *
 * @param heartbeatEvery how often a comment is sent while nothing happens, so that proxies keep the
 *     connection and a lost listener is noticed
 * @param lookEvery how often the database is asked for events that another replica stored
 */
@ConfigurationProperties("espalier.events")
record StreamProperties(
        @DefaultValue("15s") Duration heartbeatEvery, @DefaultValue("1s") Duration lookEvery) {

    StreamProperties {
        if (!heartbeatEvery.isPositive() || !lookEvery.isPositive()) {
            throw new IllegalArgumentException(
                    "espalier.events.heartbeat-every and look-every must be longer than nothing");
        }
    }
}
