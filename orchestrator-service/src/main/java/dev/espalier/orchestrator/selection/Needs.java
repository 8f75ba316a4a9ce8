package dev.espalier.orchestrator.selection;

import dev.espalier.orchestrator.fleet.Agent;
import dev.espalier.protocol.DataName;
import dev.espalier.protocol.job.TaskSpec;
import dev.espalier.protocol.work.AgentRole;
import dev.espalier.protocol.work.Capabilities;
import dev.espalier.protocol.work.DataOffer;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What an agent must have to do one kind of work.
 *
 * @param family of the base model, for example {@code bert}
 * @param memoryBytes the least that the model and its adapter take
 */
public record Needs(AgentRole role, DataName data, TaskSpec task, String family, long memoryBytes) {

    private static final long MEGABYTE = 1_000_000;

    /** Why this agent cannot do it, in words that follow its name; empty if it can. */
    Optional<String> objection(Agent agent) {
        Capabilities can = agent.capabilities();
        if (!can.roles().contains(role)) {
            return Optional.of("has not the role " + role);
        }
        if (!can.families().contains(family)) {
            return Optional.of(
                    "offers %s, but the job needs the model family '%s'"
                            .formatted(listed("no model family", can.families()), family));
        }
        if (can.memoryBytes() < memoryBytes) {
            return Optional.of(
                    "offers %,d MB of memory, but the model needs at least %,d MB"
                            .formatted(can.memoryBytes() / MEGABYTE, atLeastMegabytes()));
        }
        return dataObjection(can.data());
    }

    /** Rows that this agent could work on. */
    long rows(Agent agent) {
        return agent.capabilities().data().stream()
                .filter(offer -> offer.name().equals(data))
                .findFirst()
                .map(offer -> role == AgentRole.TRAIN ? offer.trainRows() : offer.heldOutRows())
                .orElse(0L);
    }

    private Optional<String> dataObjection(List<DataOffer> offers) {
        Optional<DataOffer> offer =
                offers.stream().filter(offered -> offered.name().equals(data)).findFirst();
        if (offer.isEmpty()) {
            String names = listed("no data", offers.stream().map(o -> o.name().value()).toList());
            return Optional.of("offers %s, but the job needs '%s'".formatted(names, data));
        }
        return offerObjection(offer.get());
    }

    private Optional<String> offerObjection(DataOffer offer) {
        if (offer.task() != task.kind()) {
            return Optional.of(
                    "offers '%s' for %s, but the job needs it for %s"
                            .formatted(data, offer.task(), task.kind()));
        }
        if (!task.labels().containsAll(offer.labels())) {
            return Optional.of(
                    "offers '%s' with the labels %s, but the job knows %s"
                            .formatted(data, offer.labels(), task.labels()));
        }
        return switch (role) {
            case TRAIN -> rowsObjection(offer.trainRows(), "training rows");
            case EVALUATE -> rowsObjection(offer.heldOutRows(), "held-out rows");
        };
    }

    private Optional<String> rowsObjection(long rows, String what) {
        return rows > 0
                ? Optional.empty()
                : Optional.of("offers '%s' without %s".formatted(data, what));
    }

    private long atLeastMegabytes() {
        return (memoryBytes + MEGABYTE - 1) / MEGABYTE;
    }

    private static String listed(String none, Collection<String> names) {
        return names.isEmpty()
                ? none
                : names.stream().sorted().map("'%s'"::formatted).collect(Collectors.joining(", "));
    }
}
