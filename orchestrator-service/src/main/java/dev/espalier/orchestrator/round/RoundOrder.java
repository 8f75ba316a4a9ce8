package dev.espalier.orchestrator.round;

import dev.espalier.orchestrator.assignment.Piece;
import dev.espalier.orchestrator.fleet.Agent;
import dev.espalier.orchestrator.ranks.Allotment;
import dev.espalier.orchestrator.ranks.Share;
import dev.espalier.orchestrator.selection.HashKeys;
import dev.espalier.orchestrator.selection.Needs;
import dev.espalier.orchestrator.selection.Occasion;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.DataName;
import dev.espalier.protocol.JobId;
import dev.espalier.protocol.ModelName;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.job.HeadPruningSpec;
import dev.espalier.protocol.job.PhaseSpec;
import dev.espalier.protocol.job.TaskSpec;
import dev.espalier.protocol.model.ModelStructure;
import dev.espalier.protocol.update.AdapterLayout;
import dev.espalier.protocol.update.AdapterTensor;
import dev.espalier.protocol.work.AgentRole;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a job wants of one of its rounds. The same job gives the same order for the same number, so
 * it need not be stored with the round.
 *
 * @param seed of the job
 * @param base the frozen base that the job was submitted with; rounds that are merged make others
 *     of the same structure
 * @param structure of every base of the job
 * @param phase index into the job's phases
 * @param measuredSince the phase from which on what rounds told of components still holds; at most
 *     {@code phase}
 * @param number of the round, from 1 over all phases
 * @param roundOfPhase of the round, from 1 within its phase
 * @param rounds of the job, over all phases
 * @param evaluateOn the test data; absent where this round is not evaluated
 * @param finallyOn the data that only the last round is evaluated on as well; absent for others
 */
public record RoundOrder(
        JobId job,
        long seed,
        VersionRef base,
        ModelStructure structure,
        ModelName publishAs,
        DataName data,
        TaskSpec task,
        int phase,
        int measuredSince,
        PhaseSpec.FineTune work,
        int number,
        int roundOfPhase,
        int rounds,
        @Nullable DataName evaluateOn,
        @Nullable DataName finallyOn) {

    /** Weights in f32. */
    private static final int BYTES_PER_WEIGHT = 4;

    /** An adapter's value, its gradient and AdamW's two moments, each in f32. */
    private static final int COPIES_OF_ADAPTER = 4;

    /** Tells the draw of an agent's training seed from other draws of the same job. */
    private static final long TRAINING = HashKeys.id("training");

    /** Tells the sample on which an agent measures its losses from other draws. */
    private static final long SCORING = HashKeys.id("scoring");

    /** Tells what a round draws for itself from other draws. */
    private static final long ROUND = HashKeys.id("round");

    /** Tells the draw of who has to keep a head from other draws. */
    private static final long FORCED = HashKeys.id("forced head");

    /**
     * @param visits in how many cohorts of the job each agent was
     */
    Occasion occasion(@Nullable AgentName after, Map<AgentName, Integer> visits) {
        return new Occasion(work.selection(), seed, number, after, visits);
    }

    Needs trainers() {
        return new Needs(AgentRole.TRAIN, data, task, structure.family(), leastMemory());
    }

    /** Why nothing can be given to an agent, in words that follow its name. */
    Function<Agent, Optional<String>> objection() {
        Allotment allotment = allotment();
        return agent -> allotment.objection(agent.capabilities());
    }

    /** What each agent gets if it is drawn; empty where all train everything and send it in f32. */
    List<Share> shares(List<Agent> eligible) {
        if (work.ranks() == null && work.quantisation() == null) {
            return List.of();
        }
        Allotment allotment = allotment();
        return eligible.stream()
                .map(agent -> allotment.share(agent.name(), agent.capabilities()))
                .toList();
    }

    private Allotment allotment() {
        return new Allotment(work, layout());
    }

    /** Target modules in ascending order of name. */
    public List<String> modules() {
        return layout().tensors().stream()
                .filter(tensor -> tensor.kind() == AdapterTensor.Kind.LORA_A)
                .map(AdapterTensor::module)
                .sorted()
                .toList();
    }

    private AdapterLayout layout() {
        return AdapterLayout.of(structure, work.adapter(), task);
    }

    Needs evaluators(DataName testData) {
        return new Needs(AgentRole.EVALUATE, testData, task, structure.family(), leastMemory());
    }

    /** Bytes of one client's adapter in f32 with nothing left out. */
    long denseBytes() {
        return layout().denseBytes();
    }

    /** Of an agent in this round: shuffling, dropout, the draw of examples. */
    long trainingSeed(AgentName agent) {
        return HashKeys.key(seed, TRAINING, number, HashKeys.id(agent.value()));
    }

    /** Of what the round itself has to draw. */
    long roundSeed() {
        return HashKeys.key(seed, ROUND, number);
    }

    /** Of an agent in this round: the rows on which it measures its losses. */
    long scoringSeed(AgentName agent) {
        return HashKeys.key(seed, SCORING, number, HashKeys.id(agent.value()));
    }

    /** The smallest lot has to keep the head that starved longest. */
    long forcedLot(AgentName agent) {
        return HashKeys.key(seed, FORCED, number, HashKeys.id(agent.value()));
    }

    /** Absent where every head is trained. */
    @Nullable HeadPruningSpec pruning() {
        return work.pruning() == null ? null : work.pruning().heads();
    }

    /** Share of heads to prune in this round. */
    BigDecimal sparsity(HeadPruningSpec pruning) {
        return pruning.sparsityIn(roundOfPhase, work.rounds());
    }

    /** On what the version is evaluated, each with the work on it. */
    List<Sitting> sittings(List<Piece> pieces) {
        List<Sitting> sittings = new ArrayList<>();
        if (evaluateOn != null) {
            sittings.add(sitting(Piece.Kind.EVALUATE, evaluateOn, pieces));
        }
        if (finallyOn != null) {
            sittings.add(sitting(Piece.Kind.EVALUATE_FINALLY, finallyOn, pieces));
        }
        return sittings;
    }

    private static Sitting sitting(Piece.Kind kind, DataName data, List<Piece> pieces) {
        return new Sitting(
                kind, data, pieces.stream().filter(piece -> piece.kind() == kind).toList());
    }

    private long leastMemory() {
        return BYTES_PER_WEIGHT * structure.parameters() + COPIES_OF_ADAPTER * denseBytes();
    }
}
