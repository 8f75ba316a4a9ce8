package dev.espalier.orchestrator.fleet;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * @param aliveWindow how long after its last call an agent counts as alive
 * @param enrolmentToken what an agent must show to enrol; absent: whoever reaches the port may
 */
@ConfigurationProperties("espalier.fleet")
record FleetProperties(@DefaultValue("60s") Duration aliveWindow, @Nullable String enrolmentToken) {

    FleetProperties {
        if (!aliveWindow.isPositive()) {
            throw new IllegalArgumentException(
                    "espalier.fleet.alive-window must be longer than nothing: " + aliveWindow);
        }
        enrolmentToken = enrolmentToken == null || enrolmentToken.isBlank() ? null : enrolmentToken;
    }

    /** Without the token, which must not reach a log. */
    @Override
    public String toString() {
        return "FleetProperties[aliveWindow=" + aliveWindow + "]";
    }
}
