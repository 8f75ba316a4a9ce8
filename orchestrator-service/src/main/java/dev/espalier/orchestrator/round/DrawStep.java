package dev.espalier.orchestrator.round;

import dev.espalier.orchestrator.assignment.Planned;
import dev.espalier.orchestrator.event.EventType;
import dev.espalier.orchestrator.selection.Quorum;
import dev.espalier.orchestrator.selection.Selection;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.AssignmentId;
import dev.espalier.protocol.RoundId;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.update.Scope;
import dev.espalier.protocol.work.Assignment;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;
import org.springframework.stereotype.Component;

/** Turns a drawn cohort into a stored round with its work. */
@Component
class DrawStep {

    private final RoundBooks books;
    private final Supplier<UUID> ids;

    DrawStep(RoundBooks books, Supplier<UUID> ids) {
        this.books = books;
        this.ids = ids;
    }

    /** Stores the round and its assignments. Nobody is told yet. Within a transaction. */
    void begin(RoundOrder order, VersionRef parent, int rounds, Selection.Drawn drawn) {
        Instant now = books.now();
        RoundPlan plan =
                new RoundPlan(
                        new RoundId(ids.get()),
                        order.job(),
                        order.number(),
                        order.phase(),
                        parent,
                        Quorum.needed(order.work().quorum(), drawn.cohort().size()),
                        order.denseBytes(),
                        drawn.leftOut(),
                        now);
        Round round = Round.drawn(plan, now.plus(order.work().deadline()));
        books.rounds().save(round);
        books.assignments()
                .plan(drawn.cohort().stream().map(agent -> work(order, round, agent)).toList());
        tell(round, rounds, drawn);
    }

    private Planned work(RoundOrder order, Round round, AgentName agent) {
        return new Planned(
                agent,
                new Assignment.Train(
                        new AssignmentId(ids.get()),
                        order.job(),
                        round.id(),
                        order.number(),
                        order.data(),
                        order.task(),
                        order.base(),
                        round.plan().parent(),
                        order.work().adapter(),
                        order.work().training(),
                        Scope.whole(),
                        null,
                        order.trainingSeed(agent),
                        "", // given with the assignment, and never stored
                        round.deadline()));
    }

    private void tell(Round round, int rounds, Selection.Drawn drawn) {
        List<String> cohort = drawn.cohort().stream().map(AgentName::value).toList();
        List<Map<String, String>> leftOut =
                drawn.leftOut().stream()
                        .map(out -> Map.of("agent", out.agent().value(), "reason", out.reason()))
                        .toList();
        books.tell(
                round,
                EventType.ROUND_STARTED,
                "round %d of %d trains with %d agent%s"
                        .formatted(
                                round.number(),
                                rounds,
                                cohort.size(),
                                cohort.size() == 1 ? "" : "s"),
                Map.of(
                        "rounds",
                        rounds,
                        "cohort",
                        cohort,
                        "leftOut",
                        leftOut,
                        "needed",
                        round.plan().needed(),
                        "parent",
                        round.plan().parent().toString()));
    }
}
