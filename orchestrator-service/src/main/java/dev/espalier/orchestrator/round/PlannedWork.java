package dev.espalier.orchestrator.round;

import dev.espalier.orchestrator.heads.PlannedHeads;
import dev.espalier.orchestrator.layers.LayerShare;
import dev.espalier.orchestrator.layers.PlannedLayers;
import dev.espalier.orchestrator.ranks.PlannedRanks;
import dev.espalier.orchestrator.ranks.Share;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.update.Scope;
import dev.espalier.protocol.update.UploadPlan;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is asked of the members of a cohort, each by itself. */
sealed interface PlannedWork {

    /**
     * They train an adapter.
     *
     * @param heads what is asked of attention heads; absent where none are pruned
     * @param shares what each member of the cohort gets, before the draw each that is eligible, in
     *     ascending order of agent; empty where all train everything and send it in f32
     * @param ranks what is asked of rank-1 components; absent where all are trained
     */
    record Tuning(@Nullable PlannedHeads heads, List<Share> shares, @Nullable PlannedRanks ranks)
            implements PlannedWork {

        /** Nothing that would differ between clients. */
        static final Tuning ALIKE = new Tuning(null, List.of(), null);
    }

    /**
     * They prune the base.
     *
     * @param shares what each member of the cohort gets, before the draw each that is eligible, in
     *     ascending order of agent
     * @param layers absent before the draw
     */
    record Pruning(List<LayerShare> shares, @Nullable PlannedLayers layers) implements PlannedWork {

        /**
         * @throws IllegalStateException before the draw
         */
        List<Integer> layers(AgentName agent) {
            if (layers == null) {
                throw new IllegalStateException("no layers are drawn yet");
            }
            return layers.of(agent);
        }
    }

    /** What part of the model an agent works on; which heads, it chooses itself. */
    default Scope scope(AgentName agent) {
        return switch (this) {
            case Tuning tuning ->
                    tuning.ranks() == null ? Scope.whole() : tuning.ranks().scope(agent);
            case Pruning pruning -> Scope.ofLayers(pruning.layers(agent));
        };
    }

    /** How precisely an agent sends its update; absent: in f32, or as it is kept. */
    default @Nullable UploadPlan upload(AgentName agent) {
        return switch (this) {
            case Tuning tuning -> Share.of(agent, tuning.shares()).map(Share::upload).orElse(null);
            case Pruning _ -> null;
        };
    }
}
