package dev.espalier.protocol.update;

import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.Digest;
import dev.espalier.protocol.RoundId;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.model.MatrixSparsity;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the aggregation service knows of a round.
 *
 * @param updates one for every member of the cohort, in ascending order of agent
 * @param published the version the round became
 * @param publishedBase the base it sits on, where the round made one; where the round pruned, it is
 *     {@code published} itself
 * @param standalone with the rule STANDALONE: what each client pruned, in ascending order of agent;
 *     {@code published} is the first of them
 * @param reason why it is VOID or FAILED
 * @param heads per attention block, once combined, where heads were pruned
 * @param components per target module in ascending order of name, once combined, where clients
 *     trained different components or the rule forms new ones
 * @param matrices of the new base, in ascending order of name, once combined, where clients pruned
 * @param aggregationSeconds combining and publishing
 */
public record RoundSessionView(
        RoundId round,
        State state,
        List<UpdateView> updates,
        @Nullable VersionRef published,
        @Nullable VersionRef publishedBase,
        @Nullable List<OwnVersion> standalone,
        @Nullable String reason,
        @Nullable List<BlockHeads> heads,
        @Nullable List<ModuleComponents> components,
        @Nullable List<MatrixSparsity> matrices,
        double aggregationSeconds) {

    /** One client's own model. */
    public record OwnVersion(AgentName agent, VersionRef version) {}

    /**
     * What the clients made of the heads of one attention block.
     *
     * @param block name of the block
     * @param contributors per head: how many accepted updates kept it
     * @param confidence per head: mean confidence over these, 0 where there are none
     */
    public record BlockHeads(String block, List<Integer> contributors, List<Double> confidence) {}

    /**
     * What the clients made of the rank-1 components of one module.
     *
     * @param module the linear
     * @param contributors per component: how many accepted updates hold it
     * @param importance per component, after this round (algorithms.md B.3); with RANK_OPTIMAL its
     *     singular value
     * @param age per component: rounds since anybody trained it; 0: in this round
     * @param truncationError what RANK_OPTIMAL cut off, relative (Frobenius norm); absent with
     *     other rules
     */
    public record ModuleComponents(
            String module,
            List<Integer> contributors,
            List<Double> importance,
            List<Integer> age,
            @Nullable Double truncationError) {}

    /** Where a session stands. */
    public enum State {
        /** Takes updates until its deadline. */
        OPEN,
        /** Takes none any more; combining is due or under way. */
        SEALED,
        /** The new version lies in the registry. Final. */
        PUBLISHED,
        /** Sealed with no update that counts; nothing was published. Final. */
        VOID,
        /** Given up by the orchestrator; its updates are deleted. Final. */
        CANCELLED
    }

    /** What became of one agent's update. */
    public enum UpdateState {
        MISSING,
        ACCEPTED,
        REJECTED
    }

    /**
     * @param reason why it was rejected
     * @param bytesUp values, masks and scalars (algorithms.md D.6)
     * @param taskHeadBytesUp the part of it that is the task head
     * @param wireBytesUp size of the file
     * @param keptHeads attention heads that its file holds; absent where none were pruned
     * @param keptComponents rank-1 components that its file holds, over all modules; absent where
     *     it was to hold all, in f32
     * @param layers how many its file holds; absent where it is no pruning
     * @param sparsity of the matrices in its file; absent where it is no pruning
     * @param quantisationError as the client said it; absent where nothing was quantised
     * @param changeNorm L2 norm of the change against the parent
     */
    public record UpdateView(
            AgentName agent,
            UpdateState state,
            @Nullable String reason,
            @Nullable Digest digest,
            long bytesUp,
            long taskHeadBytesUp,
            long wireBytesUp,
            long examples,
            int steps,
            @Nullable Integer keptHeads,
            @Nullable Integer keptComponents,
            @Nullable Integer layers,
            @Nullable Double sparsity,
            @Nullable Double quantisationError,
            @Nullable Double lossBefore,
            @Nullable Double lossAfter,
            double trainSeconds,
            @Nullable Double changeNorm,
            @Nullable Instant receivedAt) {}
}
