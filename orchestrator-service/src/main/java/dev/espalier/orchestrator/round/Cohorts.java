package dev.espalier.orchestrator.round;

import dev.espalier.orchestrator.event.EventType;
import dev.espalier.orchestrator.heads.PlannedHeads;
import dev.espalier.orchestrator.heads.Starvation;
import dev.espalier.orchestrator.layers.LayerShare;
import dev.espalier.orchestrator.ranks.Measured;
import dev.espalier.orchestrator.ranks.PlannedRanks;
import dev.espalier.orchestrator.ranks.Share;
import dev.espalier.orchestrator.selection.Draw;
import dev.espalier.orchestrator.selection.Quorum;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.job.HeadPruningSpec;
import dev.espalier.protocol.job.RankSpec;
import dev.espalier.protocol.job.SelectionView;
import dev.espalier.protocol.update.RoundSessionView;
import dev.espalier.protocol.update.RoundSessionView.ModuleComponents;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Turns a decided selection into a plan and into work. */
@Component
class Cohorts {

    private final RoundBooks books;
    private final Briefs briefs;

    Cohorts(RoundBooks books, Briefs briefs) {
        this.books = books;
        this.briefs = briefs;
    }

    /** What follows from a selection that has chosen somebody. */
    RoundPlan planned(RoundPlan before, RoundOrder order, SelectionView decided) {
        List<AgentName> cohort = Draw.cohort(decided);
        PlannedWork work =
                switch (before.work()) {
                    case PlannedWork.Tuning shared -> tuned(shared, (Tuning) order.craft(), cohort);
                    case PlannedWork.Pruning shared ->
                            pruned(shared, (Pruning) order.craft(), cohort);
                };
        return before.with(Quorum.needed(order.work().quorum(), cohort.size()), decided, work);
    }

    private static PlannedWork pruned(
            PlannedWork.Pruning shared, Pruning craft, List<AgentName> cohort) {
        List<LayerShare> shares =
                cohort.stream()
                        .flatMap(agent -> LayerShare.of(agent, shared.shares()).stream())
                        .toList();
        return new PlannedWork.Pruning(shares, craft.layers(shares));
    }

    private PlannedWork tuned(PlannedWork.Tuning shared, Tuning craft, List<AgentName> cohort) {
        List<Share> shares =
                cohort.stream()
                        .flatMap(agent -> Share.of(agent, shared.shares()).stream())
                        .toList();
        return new PlannedWork.Tuning(heads(craft, cohort), shares, ranks(craft, shares));
    }

    private @Nullable PlannedRanks ranks(Tuning craft, List<Share> shares) {
        RankSpec settings = craft.work().ranks();
        return settings == null
                ? null
                : PlannedRanks.plan(
                        settings,
                        craft.modules(),
                        craft.work().adapter().rank(),
                        shares,
                        measured(craft.order()));
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

    private @Nullable PlannedHeads heads(Tuning craft, List<AgentName> cohort) {
        HeadPruningSpec pruning = craft.heads();
        RoundOrder order = craft.order();
        return pruning == null
                ? null
                : PlannedHeads.plan(
                        pruning,
                        order.structure(),
                        craft.sparsity(pruning),
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
        books.assignments()
                .plan(cohort.stream().map(agent -> briefs.of(round, order, agent)).toList());
        tell(round, order, cohort);
    }

    private static List<AgentName> cohort(Round round) {
        SelectionView selection = round.plan().selection();
        if (selection == null) {
            throw new IllegalStateException(
                    "round %s has no cohort to assign work to".formatted(round.id()));
        }
        return Draw.cohort(selection);
    }

    private void tell(Round round, RoundOrder order, List<AgentName> cohort) {
        RoundPlan plan = round.plan();
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("rounds", order.rounds());
        data.put("cohort", cohort.stream().map(AgentName::value).toList());
        data.put(
                "leftOut",
                plan.leftOut().stream()
                        .map(out -> Map.of("agent", out.agent().value(), "reason", out.reason()))
                        .toList());
        data.put("needed", plan.needed());
        data.put("parent", plan.parent().toString());
        data.putAll(Briefs.inNumbers(plan.work(), order));
        books.tell(
                round,
                EventType.ROUND_STARTED,
                "round %d of %d %s with %d agent%s"
                        .formatted(
                                round.number(),
                                order.rounds(),
                                order.craft().verb(),
                                cohort.size(),
                                cohort.size() == 1 ? "" : "s"),
                data);
    }
}
