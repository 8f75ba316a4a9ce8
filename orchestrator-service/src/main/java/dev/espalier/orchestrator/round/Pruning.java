package dev.espalier.orchestrator.round;

import dev.espalier.orchestrator.fleet.Agent;
import dev.espalier.orchestrator.layers.LayerDraw;
import dev.espalier.orchestrator.layers.LayerShare;
import dev.espalier.orchestrator.layers.LayerTiers;
import dev.espalier.orchestrator.layers.PlannedLayers;
import dev.espalier.protocol.job.AdapterSpec;
import dev.espalier.protocol.job.PhaseSpec;
import dev.espalier.protocol.job.WeightPruningSpec.Pruner;
import dev.espalier.protocol.model.ModelStructure.Linear;
import dev.espalier.protocol.update.RoundWork;
import dev.espalier.protocol.work.AgentRole;
import dev.espalier.protocol.work.Capabilities;
import dev.espalier.protocol.work.PrunePlan;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A round whose cohort prunes the base itself (algorithms.md C.3). */
record Pruning(RoundOrder order, PhaseSpec.Prune work) implements Craft {

    private static final int BYTES_PER_WEIGHT = 4;

    /** SparseGPT: the Hessian of one matrix and the factor of its inverse, both [in, in]. */
    private static final int HESSIANS = 2;

    @Override
    public String verb() {
        BigDecimal sparsity = sparsity();
        return sparsity == null
                ? "prunes to the pattern " + work.weights().pattern()
                : "prunes to a sparsity of " + sparsity.stripTrailingZeros().toPlainString();
    }

    @Override
    public Optional<String> objection(Capabilities can) {
        return tiers().objection(can);
    }

    @Override
    public PlannedWork.Pruning shared(List<Agent> eligible) {
        LayerTiers tiers = tiers();
        List<LayerShare> shares =
                eligible.stream()
                        .flatMap(agent ->
                                tiers.ratio(agent.capabilities()).stream()
                                        .map(ratio -> new LayerShare(agent.name(), ratio)))
                        .toList();
        return new PlannedWork.Pruning(shares, null);
    }

    private LayerTiers tiers() {
        return new LayerTiers(work.layers());
    }

    /** Which layers each member of the cohort prunes. */
    PlannedLayers layers(List<LayerShare> cohort) {
        LayerDraw draw =
                new LayerDraw(
                        order.seed(), order.number(), order.structure().layersOfLinears().size());
        return PlannedLayers.plan(
                draw, cohort, work.layers() == null || work.layers().ensureCoverage());
    }

    /** Of every matrix after this round; absent where groups of weights are pruned by a pattern. */
    @Nullable BigDecimal sparsity() {
        return work.weights().sparsityIn(order.roundOfPhase(), work.rounds());
    }

    /** Of this round: a share of every matrix, or a pattern of groups. */
    Map<String, Object> target() {
        BigDecimal sparsity = sparsity();
        return sparsity == null
                ? Map.of("pattern", Objects.requireNonNull(work.weights().pattern()))
                : Map.of("sparsity", sparsity);
    }

    PrunePlan plan(List<Integer> layers) {
        return new PrunePlan(layers, sparsity(), work.weights());
    }

    /** Every matrix of every layer. */
    @Override
    public long denseBytes() {
        return BYTES_PER_WEIGHT
                * matrices().stream().mapToLong(linear -> (long) linear.in() * linear.out()).sum();
    }

    /** Of whom prunes: statistics of the widest matrix, since layers are pruned one by one. */
    @Override
    public long workingBytes(AgentRole role) {
        return role == AgentRole.TRAIN ? statisticsBytes() : 0;
    }

    private long statisticsBytes() {
        long widest = matrices().stream().mapToLong(Linear::in).max().orElse(0);
        return work.weights().pruner() == Pruner.SPARSE_GPT
                ? HESSIANS * BYTES_PER_WEIGHT * widest * widest
                : BYTES_PER_WEIGHT * widest;
    }

    private List<Linear> matrices() {
        return order.structure().linearsOf(order.structure().layersOfLinears());
    }

    @Override
    public @Nullable AdapterSpec adapter() {
        return null;
    }

    @Override
    public RoundWork session() {
        return new RoundWork.Prune(work.weights(), sparsity(), work.aggregation());
    }
}
