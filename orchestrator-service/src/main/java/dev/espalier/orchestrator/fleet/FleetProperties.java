package dev.espalier.orchestrator.fleet;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * @param aliveWindow how long after its last call an agent counts as alive
 * @param returnWindow after a start, how long agents are waited for that were alive before the last
 *     end, before a cohort is drawn without them; longer than an agent waits between two tries
 * @param enrolmentToken what an agent must show to enrol; absent: whoever reaches the port may
 */
@ConfigurationProperties("espalier.fleet")
record FleetProperties(
        @DefaultValue("60s") Duration aliveWindow,
        @DefaultValue("40s") Duration returnWindow,
        @Nullable String enrolmentToken) {

    FleetProperties {
        if (!aliveWindow.isPositive() || returnWindow.isNegative()) {
            throw new IllegalArgumentException(
                    "espalier.fleet.alive-window must be longer than nothing, return-window must"
                            + " not be negative");
        }
        enrolmentToken = enrolmentToken == null || enrolmentToken.isBlank() ? null : enrolmentToken;
    }

    /** Without the token, which must not reach a log. */
    @Override
    public String toString() {
        return "FleetProperties[aliveWindow=" + aliveWindow + "]";
    }
}
