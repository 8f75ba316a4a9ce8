package dev.espalier.orchestrator.round;

import dev.espalier.orchestrator.fleet.Agent;
import dev.espalier.orchestrator.selection.HashKeys;
import dev.espalier.orchestrator.selection.Needs;
import dev.espalier.orchestrator.selection.Occasion;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.DataName;
import dev.espalier.protocol.JobId;
import dev.espalier.protocol.ModelName;
import dev.espalier.protocol.job.PhaseSpec;
import dev.espalier.protocol.job.TaskSpec;
import dev.espalier.protocol.model.ModelStructure;
import dev.espalier.protocol.work.AgentRole;
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
 * @param structure of every base of the job
 * @param phase index into the job's phases
 * @param measuredSince the phase from which on what rounds told of components still holds; at most
 *     {@code phase}
 * @param work of the round's phase
 * @param number of the round, from 1 over all phases
 * @param roundOfPhase of the round, from 1 within its phase
 * @param rounds of the job, over all phases
 * @param exams on what the round's version is evaluated
 */
public record RoundOrder(
        JobId job,
        long seed,
        ModelStructure structure,
        ModelName publishAs,
        DataName data,
        TaskSpec task,
        int phase,
        int measuredSince,
        PhaseSpec work,
        int number,
        int roundOfPhase,
        int rounds,
        List<Exam> exams) {

    /** Weights in f32. */
    private static final int BYTES_PER_WEIGHT = 4;

    /** Tells the draw of an agent's seed at its work from other draws of the same job. */
    private static final long TRAINING = HashKeys.id("training");

    /** Tells the sample on which an agent measures its losses from other draws. */
    private static final long SCORING = HashKeys.id("scoring");

    /** Tells what a round draws for itself from other draws. */
    private static final long ROUND = HashKeys.id("round");

    /** Tells the draw of who has to keep a head from other draws. */
    private static final long FORCED = HashKeys.id("forced head");

    public RoundOrder {
        exams = List.copyOf(exams);
    }

    Craft craft() {
        return Craft.of(this);
    }

    /**
     * @param visits in how many cohorts of the job each agent was
     */
    Occasion occasion(@Nullable AgentName after, Map<AgentName, Integer> visits) {
        return new Occasion(work.selection(), seed, number, after, visits);
    }

    /** What a member of the cohort must have. */
    Needs workers() {
        return needs(AgentRole.TRAIN, data);
    }

    Needs evaluators(DataName testData) {
        return needs(AgentRole.EVALUATE, testData);
    }

    private Needs needs(AgentRole role, DataName wanted) {
        long least = BYTES_PER_WEIGHT * structure.parameters() + craft().workingBytes(role);
        return new Needs(role, wanted, task, structure.family(), least);
    }

    /** Why nothing can be given to an agent, in words that follow its name. */
    Function<Agent, Optional<String>> objection() {
        Craft craft = craft();
        return agent -> craft.objection(agent.capabilities());
    }

    /** Of an agent in this round: shuffling, dropout, the draw of examples. */
    long agentSeed(AgentName agent) {
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
}
