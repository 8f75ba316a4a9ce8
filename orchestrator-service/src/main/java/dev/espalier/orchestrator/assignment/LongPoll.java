package dev.espalier.orchestrator.assignment;

import dev.espalier.orchestrator.signal.Bell;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.work.Assignment;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** Waits for work on behalf of an agent. A waiting poll costs one parked virtual thread. */
@Component
class LongPoll {

    private final AssignmentDesk desk;
    private final Bell<AgentName> bell;
    private final InstantSource clock;
    private final WorkProperties properties;

    LongPoll(
            AssignmentDesk desk,
            Bell<AgentName> bell,
            InstantSource clock,
            WorkProperties properties) {
        this.desk = desk;
        this.bell = bell;
        this.clock = clock;
        this.properties = properties;
    }

    /** Work for the agent as soon as there is some; nothing after {@code wait}. */
    Optional<Assignment> await(AgentName agent, Duration wait) throws InterruptedException {
        Instant until = clock.instant().plus(shorter(wait, properties.longestWait()));
        try (Bell<AgentName>.Ear ear = bell.listen(agent)) {
            while (true) {
                Optional<Assignment> work = desk.fetch(agent);
                Duration left = Duration.between(clock.instant(), until);
                if (work.isPresent() || !left.isPositive() || bell.isClosed()) {
                    return work;
                }
                ear.await(shorter(left, properties.lookEvery()));
            }
        }
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) <= 0 ? one : other;
    }
}
