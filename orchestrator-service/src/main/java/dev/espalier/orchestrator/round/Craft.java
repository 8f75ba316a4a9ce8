package dev.espalier.orchestrator.round;

import dev.espalier.orchestrator.fleet.Agent;
import dev.espalier.protocol.job.AdapterSpec;
import dev.espalier.protocol.job.PhaseSpec;
import dev.espalier.protocol.update.RoundWork;
import dev.espalier.protocol.work.AgentRole;
import dev.espalier.protocol.work.Capabilities;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The kind of work that a round asks for: what of its order depends on that. */
sealed interface Craft permits Tuning, Pruning {

    /** That of an order. */
    static Craft of(RoundOrder order) {
        return switch (order.work()) {
            case PhaseSpec.FineTune fineTune -> new Tuning(order, fineTune);
            case PhaseSpec.Prune prune -> new Pruning(order, prune);
        };
    }

    /** What a cohort does, in a word that follows the round. */
    String verb();

    /** Why nothing can be given to an agent, in words that follow its name. */
    Optional<String> objection(Capabilities can);

    /** What each agent gets if it is drawn. */
    PlannedWork shared(List<Agent> eligible);

    /** Bytes of one client's update in f32 with nothing left out. */
    long denseBytes();

    /** The least that an agent needs for its part in the round, beside the base. */
    long workingBytes(AgentRole role);

    /** Absent where there is none. */
    @Nullable AdapterSpec adapter();

    /** As the aggregation service is told it. */
    RoundWork session();
}
