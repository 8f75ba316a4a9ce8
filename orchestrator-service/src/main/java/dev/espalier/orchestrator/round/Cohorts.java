package dev.espalier.orchestrator.round;

import dev.espalier.orchestrator.assignment.Piece;
import dev.espalier.orchestrator.assignment.Planned;
import dev.espalier.orchestrator.event.EventType;
import dev.espalier.orchestrator.heads.PlannedHeads;
import dev.espalier.orchestrator.heads.Starvation;
import dev.espalier.orchestrator.ranks.Measured;
import dev.espalier.orchestrator.ranks.PlannedRanks;
import dev.espalier.orchestrator.ranks.Share;
import dev.espalier.orchestrator.selection.Draw;
import dev.espalier.orchestrator.selection.Quorum;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.AssignmentId;
import dev.espalier.protocol.job.HeadPruningSpec;
import dev.espalier.protocol.job.RankSpec;
import dev.espalier.protocol.job.SelectionView;
import dev.espalier.protocol.update.RoundSessionView;
import dev.espalier.protocol.update.RoundSessionView.ModuleComponents;
import dev.espalier.protocol.work.Assignment;
import dev.espalier.protocol.work.HeadPlan;
import dev.espalier.protocol.work.RankPlan;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Turns a decided selection into a plan and into work. */
@Component
class Cohorts {

    private final RoundBooks books;
    private final Supplier<UUID> ids;

    Cohorts(RoundBooks books, Supplier<UUID> ids) {
        this.books = books;
        this.ids = ids;
    }

    /** What follows from a selection that has chosen somebody. */
    RoundPlan planned(RoundPlan before, RoundOrder order, SelectionView decided) {
        List<AgentName> cohort = Draw.cohort(decided);
        List<Share> shares =
                cohort.stream()
                        .flatMap(agent -> Share.of(agent, before.shares()).stream())
                        .toList();
        return before.with(
                Quorum.needed(order.work().quorum(), cohort.size()),
                decided,
                heads(order, cohort),
                shares,
                ranks(order, shares));
    }

    private @Nullable PlannedRanks ranks(RoundOrder order, List<Share> shares) {
        RankSpec settings = order.work().ranks();
        return settings == null
                ? null
                : PlannedRanks.plan(
                        settings,
                        order.modules(),
                        order.work().adapter().rank(),
                        shares,
                        measured(order));
    }

    /** What rounds told so far that still holds; one that published nothing told nothing. */
    private Measured measured(RoundOrder order) {
        return books.rounds()
                .latestPublished(order.job(), order.measuredSince())
                .map(last ->
                        new Measured(
                                books.rounds().countPublished(order.job(), order.measuredSince()),
                                last.number(),
                                components(last.session())))
                .orElse(Measured.NOTHING);
    }

    private static List<ModuleComponents> components(@Nullable RoundSessionView session) {
        return session == null || session.components() == null ? List.of() : session.components();
    }

    private @Nullable PlannedHeads heads(RoundOrder order, List<AgentName> cohort) {
        HeadPruningSpec pruning = order.pruning();
        return pruning == null
                ? null
                : PlannedHeads.plan(
                        pruning,
                        order.structure(),
                        order.sparsity(pruning),
                        starvation(order),
                        cohort,
                        order::forcedLot);
    }

    /** Carried from round to round; one that published nothing changes nothing. */
    private Starvation starvation(RoundOrder order) {
        Optional<Round> before = books.rounds().find(order.job(), order.number() - 1);
        PlannedHeads planned = before.map(Round::plan).map(RoundPlan::heads).orElse(null);
        if (planned == null) {
            return Starvation.none(order.structure());
        }
        return before.map(Round::session)
                .map(RoundSessionView::heads)
                .map(kept -> planned.starved().after(order.structure(), kept))
                .orElse(planned.starved());
    }

    /** Stores the cohort's work and tells of the round. Within a transaction. */
    void assign(Round round, RoundOrder order) {
        List<AgentName> cohort = cohort(round);
        books.assignments().plan(cohort.stream().map(agent -> work(round, order, agent)).toList());
        tell(round, order.rounds(), cohort);
    }

    private static List<AgentName> cohort(Round round) {
        SelectionView selection = round.plan().selection();
        if (selection == null) {
            throw new IllegalStateException(
                    "round %s has no cohort to assign work to".formatted(round.id()));
        }
        return Draw.cohort(selection);
    }

    private Planned work(Round round, RoundOrder order, AgentName agent) {
        return new Planned(
                agent,
                Piece.Kind.TRAIN,
                new Assignment.Train(
                        new AssignmentId(ids.get()),
                        order.job(),
                        round.id(),
                        order.number(),
                        order.data(),
                        order.task(),
                        round.plan().base(),
                        round.plan().parent(),
                        order.work().adapter(),
                        order.work().training(),
                        round.plan().scope(agent),
                        heads(round.plan().heads(), order.pruning(), agent),
                        ranks(round.plan().ranks(), order.work().ranks(), agent),
                        round.plan().upload(agent),
                        order.trainingSeed(agent),
                        "", // given with the assignment, and never stored
                        round.deadline()));
    }

    private static @Nullable HeadPlan heads(
            @Nullable PlannedHeads planned, @Nullable HeadPruningSpec settings, AgentName agent) {
        return planned == null || settings == null ? null : planned.of(agent, settings);
    }

    private static @Nullable RankPlan ranks(
            @Nullable PlannedRanks planned, @Nullable RankSpec settings, AgentName agent) {
        return planned == null || settings == null ? null : planned.of(agent, settings);
    }

    private void tell(Round round, int rounds, List<AgentName> cohort) {
        RoundPlan plan = round.plan();
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("rounds", rounds);
        data.put("cohort", cohort.stream().map(AgentName::value).toList());
        data.put(
                "leftOut",
                plan.leftOut().stream()
                        .map(out -> Map.of("agent", out.agent().value(), "reason", out.reason()))
                        .toList());
        data.put("needed", plan.needed());
        data.put("parent", plan.parent().toString());
        if (plan.heads() != null) {
            data.put("headsKept", plan.heads().atMost());
            data.put("headsForced", plan.heads().forced());
        }
        if (plan.ranks() != null) {
            data.put("ranks", plan.ranks().ranks());
            data.put("componentsBy", plan.ranks().choice());
            data.put("componentsReplaced", plan.ranks().replaced());
        }
        books.tell(
                round,
                EventType.ROUND_STARTED,
                "round %d of %d trains with %d agent%s"
                        .formatted(
                                round.number(),
                                rounds,
                                cohort.size(),
                                cohort.size() == 1 ? "" : "s"),
                data);
    }
}
