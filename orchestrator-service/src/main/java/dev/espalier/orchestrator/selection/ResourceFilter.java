package dev.espalier.orchestrator.selection;

import dev.espalier.orchestrator.fleet.Agent;
import dev.espalier.protocol.job.SelectionSpec;
import dev.espalier.protocol.work.Capabilities;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Leaves out agents that have too little (algorithms.md D.4, ours). */
final class ResourceFilter {

    private ResourceFilter() {}

    /** Why the policy leaves this agent out, in words that follow its name. */
    static Optional<String> objection(SelectionSpec policy, Agent agent) {
        return policy instanceof SelectionSpec.ResourceAware aware
                ? objection(aware, agent.capabilities())
                : Optional.empty();
    }

    private static Optional<String> objection(
            SelectionSpec.ResourceAware least, Capabilities offered) {
        if (isLess(offered.memoryBytes(), least.minMemoryBytes())) {
            return tooLittle("memoryBytes", offered.memoryBytes(), least.minMemoryBytes());
        }
        if (least.minUplinkBytesPerSecond() != null && offered.uplinkBytesPerSecond() == null) {
            return Optional.of("does not tell its uplinkBytesPerSecond, which the job asks for");
        }
        if (isLess(offered.uplinkBytesPerSecond(), least.minUplinkBytesPerSecond())) {
            return tooLittle(
                    "uplinkBytesPerSecond",
                    offered.uplinkBytesPerSecond(),
                    least.minUplinkBytesPerSecond());
        }
        if (isLess(offered.processors(), least.minProcessors())) {
            return tooLittle("processors", offered.processors(), least.minProcessors());
        }
        return Optional.empty();
    }

    private static boolean isLess(@Nullable Number offered, @Nullable Number least) {
        return offered != null && least != null && offered.longValue() < least.longValue();
    }

    private static Optional<String> tooLittle(
            String what, @Nullable Number offered, @Nullable Number least) {
        return Optional.of(
                "offers %s %s, but the job selects from %s on".formatted(what, offered, least));
    }
}
