package dev.espalier.orchestrator.round;

import dev.espalier.orchestrator.fleet.Agent;
import dev.espalier.orchestrator.ranks.Allotment;
import dev.espalier.orchestrator.ranks.ComponentMaps;
import dev.espalier.orchestrator.ranks.Share;
import dev.espalier.protocol.job.AdapterSpec;
import dev.espalier.protocol.job.HeadPruningSpec;
import dev.espalier.protocol.job.PhaseSpec;
import dev.espalier.protocol.update.AdapterLayout;
import dev.espalier.protocol.update.RoundWork;
import dev.espalier.protocol.work.AgentRole;
import dev.espalier.protocol.work.Capabilities;
import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A round whose cohort trains an adapter on the frozen base. */
record Tuning(RoundOrder order, PhaseSpec.FineTune work) implements Craft {

    /** An adapter's value, its gradient and AdamW's two moments, each in f32. */
    private static final int COPIES_OF_ADAPTER = 4;

    @Override
    public String verb() {
        return "trains";
    }

    @Override
    public Optional<String> objection(Capabilities can) {
        return allotment().objection(can);
    }

    /** Nothing where all train everything and send it in f32. */
    @Override
    public PlannedWork.Tuning shared(List<Agent> eligible) {
        if (work.ranks() == null && work.quantisation() == null) {
            return PlannedWork.Tuning.ALIKE;
        }
        Allotment allotment = allotment();
        List<Share> shares =
                eligible.stream()
                        .map(agent -> allotment.share(agent.name(), agent.capabilities()))
                        .toList();
        return new PlannedWork.Tuning(null, shares, null);
    }

    private Allotment allotment() {
        return new Allotment(work, layout());
    }

    private AdapterLayout layout() {
        return AdapterLayout.of(order.structure(), work.adapter(), order.task());
    }

    /** Target modules in ascending order of name. */
    List<String> modules() {
        return ComponentMaps.modules(layout());
    }

    @Override
    public long denseBytes() {
        return layout().denseBytes();
    }

    @Override
    public long workingBytes(AgentRole role) {
        return COPIES_OF_ADAPTER * denseBytes();
    }

    @Override
    public AdapterSpec adapter() {
        return work.adapter();
    }

    @Override
    public RoundWork session() {
        return new RoundWork.FineTune(
                work.adapter(), order.task(), work.aggregation(), work.ranks());
    }

    /** Absent where every head is trained. */
    @Nullable HeadPruningSpec heads() {
        return work.pruning() == null ? null : work.pruning().heads();
    }

    /** Share of heads to prune in this round. */
    BigDecimal sparsity(HeadPruningSpec heads) {
        return heads.sparsityIn(order.roundOfPhase(), work.rounds());
    }
}
