package dev.espalier.orchestrator.round;

import dev.espalier.orchestrator.selection.HashKeys;
import dev.espalier.orchestrator.selection.Needs;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.DataName;
import dev.espalier.protocol.JobId;
import dev.espalier.protocol.ModelName;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.job.PhaseSpec;
import dev.espalier.protocol.job.TaskSpec;
import dev.espalier.protocol.model.ModelStructure;
import dev.espalier.protocol.update.AdapterLayout;
import dev.espalier.protocol.work.AgentRole;
import org.jspecify.annotations.Nullable;

/**
 * What a job wants of one of its rounds. The same job gives the same order for the same number, so
 * it need not be stored with the round.
 *
 * @param seed of the job
 * @param base the frozen base, with its structure
 * @param phase index into the job's phases
 * @param number of the round, from 1 over all phases
 * @param evaluateOn the test data; absent where this round is not evaluated
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
        PhaseSpec.FineTune work,
        int number,
        @Nullable DataName evaluateOn) {

    /** Weights in f32. */
    private static final int BYTES_PER_WEIGHT = 4;

    /** An adapter's value, its gradient and AdamW's two moments, each in f32. */
    private static final int COPIES_OF_ADAPTER = 4;

    /** Tells the draw of an agent's training seed from other draws of the same job. */
    private static final long TRAINING = HashKeys.id("training");

    Needs trainers() {
        return new Needs(AgentRole.TRAIN, data, task, structure.family(), leastMemory());
    }

    Needs evaluators(DataName testData) {
        return new Needs(AgentRole.EVALUATE, testData, task, structure.family(), leastMemory());
    }

    /** Bytes of one client's adapter in f32 with nothing left out. */
    long denseBytes() {
        return AdapterLayout.of(structure, work.adapter(), task).denseBytes();
    }

    /** Of an agent in this round: shuffling, dropout, the draw of examples. */
    long trainingSeed(AgentName agent) {
        return HashKeys.key(seed, TRAINING, number, HashKeys.id(agent.value()));
    }

    private long leastMemory() {
        return BYTES_PER_WEIGHT * structure.parameters() + COPIES_OF_ADAPTER * denseBytes();
    }
}
