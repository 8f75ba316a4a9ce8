package dev.espalier.orchestrator.round;

import dev.espalier.orchestrator.assignment.Piece;
import dev.espalier.orchestrator.assignment.Planned;
import dev.espalier.orchestrator.heads.PlannedHeads;
import dev.espalier.orchestrator.layers.PlannedLayers;
import dev.espalier.orchestrator.ranks.PlannedRanks;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.AssignmentId;
import dev.espalier.protocol.job.HeadPruningSpec;
import dev.espalier.protocol.job.RankSpec;
import dev.espalier.protocol.work.Assignment;
import dev.espalier.protocol.work.HeadPlan;
import dev.espalier.protocol.work.RankPlan;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Puts what was planned into words for each member of a cohort, and into numbers for all. */
@Component
class Briefs {

    private final Supplier<UUID> ids;

    Briefs(Supplier<UUID> ids) {
        this.ids = ids;
    }

    /** The work of one member of the cohort; without a token, which nobody stores. */
    Planned of(Round round, RoundOrder order, AgentName agent) {
        return switch (round.plan().work()) {
            case PlannedWork.Tuning planned ->
                    training(round, planned, (Tuning) order.craft(), agent);
            case PlannedWork.Pruning planned ->
                    pruning(round, planned, (Pruning) order.craft(), agent);
        };
    }

    private Planned training(
            Round round, PlannedWork.Tuning planned, Tuning craft, AgentName agent) {
        RoundOrder order = craft.order();
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
                        craft.adapter(),
                        craft.work().training(),
                        planned.scope(agent),
                        heads(planned.heads(), craft.heads(), agent),
                        ranks(planned.ranks(), craft.work().ranks(), agent),
                        planned.upload(agent),
                        order.agentSeed(agent),
                        "", // given with the assignment, and never stored
                        round.deadline()));
    }

    private Planned pruning(
            Round round, PlannedWork.Pruning planned, Pruning craft, AgentName agent) {
        RoundOrder order = craft.order();
        return new Planned(
                agent,
                Piece.Kind.PRUNE,
                new Assignment.Prune(
                        new AssignmentId(ids.get()),
                        order.job(),
                        round.id(),
                        order.number(),
                        order.data(),
                        order.task(),
                        round.plan().base(),
                        craft.plan(planned.layers(agent)),
                        order.agentSeed(agent),
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

    /** What was planned, for the journal. */
    static Map<String, Object> inNumbers(PlannedWork work, RoundOrder order) {
        Map<String, Object> data = new LinkedHashMap<>();
        switch (work) {
            case PlannedWork.Tuning(PlannedHeads heads, var _, PlannedRanks ranks) -> {
                if (heads != null) {
                    data.put("headsKept", heads.atMost());
                    data.put("headsForced", heads.forced());
                }
                if (ranks != null) {
                    data.put("ranks", ranks.ranks());
                    data.put("componentsBy", ranks.choice());
                    data.put("componentsReplaced", ranks.replaced());
                }
            }
            case PlannedWork.Pruning(var _, PlannedLayers layers) -> {
                data.putAll(((Pruning) order.craft()).target());
                if (layers != null) {
                    data.put("layers", layers.byAgent());
                }
            }
        }
        return data;
    }
}
