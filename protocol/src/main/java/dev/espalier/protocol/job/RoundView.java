package dev.espalier.protocol.job;

import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.RoundId;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.work.Cost;
import dev.espalier.protocol.work.Progress;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One round as its user sees it.
 *
 * @param number from 1 over all phases of the job
 * @param parent the version the cohort trains from
 * @param published the version the round became
 * @param needed how many updates make the quorum
 * @param reason why the round is VOID; of a COMPLETED one, what of its evaluation is missing
 * @param leftOut agents that could not be drawn, each with its reason
 * @param clientEvaluation on the data that clients hold out
 * @param finalEvaluation on the data that only the last version is shown
 * @param sparsity of all matrices of the base after a round that pruned; absent for others
 * @param cost what the cohort computed, and the candidates where losses were asked for
 */
public record RoundView(
        RoundId id,
        int number,
        int phase,
        RoundState state,
        VersionRef parent,
        @Nullable VersionRef published,
        int needed,
        List<Client> clients,
        List<LeftOut> leftOut,
        @Nullable Evaluation evaluation,
        @Nullable Evaluation clientEvaluation,
        @Nullable Evaluation finalEvaluation,
        @Nullable Double sparsity,
        Traffic traffic,
        Cost cost,
        Timing timing,
        @Nullable String reason,
        Instant startedAt,
        Instant deadline,
        @Nullable Instant endedAt) {

    /** What became of one member of the cohort. */
    public enum ClientOutcome {
        /** Drawn; has not fetched its assignment yet. */
        INVITED,
        /** Has its assignment. */
        WORKING,
        /** Its update counts. */
        ACCEPTED,
        /** Its update was refused; the reason says why. */
        REJECTED,
        /** It said that it could not do it; the reason says why. */
        FAILED,
        /** The round was sealed without it. */
        MISSED
    }

    /**
     * @param progress the last it reported while WORKING
     * @param examples training examples behind its update
     * @param keptHeads attention heads in its update; absent where none are pruned
     * @param rank components of every module that it was allotted; absent: all
     * @param keptComponents components in its update, over all modules
     * @param layers how many layers it pruned; absent where it trained
     * @param sparsity of the matrices in its update; absent where it trained
     * @param quantisationError what fewer bits lost of its update, relative (L2)
     * @param lossBefore mean loss in nats of the received adapter on its data, where it was
     *     measured
     * @param lossAfter mean training loss in nats of its last epoch
     * @param bytesUp payload and masks of its update (algorithms.md D.6)
     * @param wireBytesUp everything it sent as the update
     * @param bytesDown what it fetched
     * @param baseBytesDown the part of it that was the base model
     */
    public record Client(
            AgentName agent,
            ClientOutcome outcome,
            @Nullable String reason,
            @Nullable Progress progress,
            long examples,
            @Nullable Integer keptHeads,
            @Nullable Integer rank,
            @Nullable Integer keptComponents,
            @Nullable Integer layers,
            @Nullable Double sparsity,
            @Nullable Double quantisationError,
            @Nullable Double lossBefore,
            @Nullable Double lossAfter,
            long bytesUp,
            long taskHeadBytesUp,
            long wireBytesUp,
            long bytesDown,
            long baseBytesDown,
            double trainSeconds,
            @Nullable Cost cost) {}

    public record LeftOut(AgentName agent, String reason) {}

    /**
     * @param loss nats per example where classes are told apart, else per token
     * @param bleu 0 to 100; over several evaluating agents the mean by examples
     * @param rougeL mean F measure
     * @param perplexity e to the loss, where text is continued; over several evaluating agents e to
     *     the mean loss of all tokens, and over several versions their mean
     * @param agents what each told by itself, in ascending order of name; with the rule STANDALONE
     *     what was told of each agent's version
     */
    public record Evaluation(
            long examples,
            double loss,
            @Nullable Double accuracy,
            @Nullable Double macroF1,
            @Nullable Double bleu,
            @Nullable Double rougeL,
            @Nullable Double perplexity,
            List<OfAgent> agents) {

        public Evaluation {
            agents = agents == null ? List.of() : List.copyOf(agents);
        }
    }

    /** The part of an {@link Evaluation} that one agent has in it. */
    public record OfAgent(
            AgentName agent,
            long examples,
            double loss,
            @Nullable Double accuracy,
            @Nullable Double perplexity) {}

    /**
     * Bytes of the whole cohort in this round. One megabyte is 10^6 bytes.
     *
     * @param bytesUp values, masks and scalars of adapters and task head (algorithms.md D.6)
     * @param taskHeadBytesUp the part of it that is the task head
     * @param wireBytesUp everything on the wire, file framing included
     * @param bytesDown what the cohort fetched, and the candidates that were only asked for a loss:
     *     adapters, and the base model where an agent did not have it; those that failed are in it
     * @param baseBytesDown the part of {@code bytesDown} that was the base model; what is left of
     *     it compares with {@code denseBytesDown}
     * @param denseBytesUp what the clients whose updates count would have sent as dense adapters in
     *     f32, or, where they pruned, as whole matrices in f32
     * @param denseBytesDown what the same clients would have fetched: a dense adapter in f32 each,
     *     or the whole matrices
     */
    public record Traffic(
            long bytesUp,
            long taskHeadBytesUp,
            long wireBytesUp,
            long bytesDown,
            long baseBytesDown,
            long denseBytesUp,
            long denseBytesDown) {}

    /**
     * Seconds of this round.
     *
     * @param training sum over clients of the time they spent training or pruning
     * @param aggregation combining and publishing
     * @param waiting from the first update to the seal
     * @param total from the draw to the end
     */
    public record Timing(double training, double aggregation, double waiting, double total) {}
}
