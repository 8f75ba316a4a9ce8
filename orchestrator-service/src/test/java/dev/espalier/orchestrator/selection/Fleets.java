package dev.espalier.orchestrator.selection;

import dev.espalier.orchestrator.fleet.Agent;
import dev.espalier.orchestrator.fleet.FleetSnapshot;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.DataName;
import dev.espalier.protocol.job.TaskKind;
import dev.espalier.protocol.job.TaskSpec;
import dev.espalier.protocol.work.AgentRole;
import dev.espalier.protocol.work.Capabilities;
import dev.espalier.protocol.work.DataOffer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Fleets for tests. */
public final class Fleets {

    public static final Instant NOW = Instant.parse("2026-01-05T10:15:30Z");
    public static final Duration WINDOW = Duration.ofSeconds(60);
    public static final DataName MAIL = new DataName("mail");
    public static final TaskSpec SPAM = TaskSpec.classification(List.of("ham", "spam"), 32);

    private Fleets() {}

    public static Agent agent(String name) {
        return agent(name, capable(offer(MAIL, List.of("ham", "spam"), 10, 5)), NOW);
    }

    public static Agent agent(String name, Capabilities capabilities, Instant lastSeen) {
        return new Agent(new AgentName(name), capabilities, NOW.minusSeconds(3600), lastSeen);
    }

    public static Capabilities capable(DataOffer... offers) {
        return new Capabilities(
                Set.of(AgentRole.TRAIN),
                List.of(offers),
                Set.of("bert"),
                1_000_000_000,
                2,
                null,
                "cpu",
                "test 1");
    }

    public static DataOffer offer(DataName name, List<String> labels, long train, long heldOut) {
        return new DataOffer(name, TaskKind.SEQUENCE_CLASSIFICATION, labels, train, heldOut);
    }

    /** The job has something for everyone. */
    public static Optional<String> noObjection(Agent agent) {
        return Optional.empty();
    }

    public static Needs trainers() {
        return new Needs(AgentRole.TRAIN, MAIL, SPAM, "bert", 500_000_000);
    }

    /** Of agents that have called this process already. */
    public static FleetSnapshot fleet(Agent... agents) {
        return new FleetSnapshot(
                List.of(agents), NOW, WINDOW, NOW, NOW.minusSeconds(7200), Optional.empty());
    }
}
