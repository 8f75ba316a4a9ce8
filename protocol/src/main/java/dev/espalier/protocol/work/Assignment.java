package dev.espalier.protocol.work;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.espalier.protocol.AssignmentId;
import dev.espalier.protocol.DataName;
import dev.espalier.protocol.JobId;
import dev.espalier.protocol.RoundId;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.job.AdapterSpec;
import dev.espalier.protocol.job.TaskSpec;
import dev.espalier.protocol.job.TrainingSpec;
import dev.espalier.protocol.update.Scope;
import dev.espalier.protocol.update.UploadPlan;
import io.swagger.v3.oas.annotations.media.DiscriminatorMapping;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** One piece of work for one agent. Names data logically; never carries a path. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
    @JsonSubTypes.Type(value = Assignment.Train.class, name = "TRAIN"),
    @JsonSubTypes.Type(value = Assignment.Prune.class, name = "PRUNE"),
    @JsonSubTypes.Type(value = Assignment.Evaluate.class, name = "EVALUATE"),
    @JsonSubTypes.Type(value = Assignment.Score.class, name = "SCORE")
})
@Schema(
        discriminatorProperty = "kind",
        discriminatorMapping = {
            @DiscriminatorMapping(value = "TRAIN", schema = Assignment.Train.class),
            @DiscriminatorMapping(value = "PRUNE", schema = Assignment.Prune.class),
            @DiscriminatorMapping(value = "EVALUATE", schema = Assignment.Evaluate.class),
            @DiscriminatorMapping(value = "SCORE", schema = Assignment.Score.class)
        },
        oneOf = {
            Assignment.Train.class,
            Assignment.Prune.class,
            Assignment.Evaluate.class,
            Assignment.Score.class
        })
public sealed interface Assignment {

    AssignmentId id();

    JobId job();

    RoundId round();

    int roundNumber();

    DataName data();

    TaskSpec task();

    /** The frozen base. */
    VersionRef base();

    /** The adapter to start from, or to evaluate; absent where the base itself is meant. */
    @Nullable VersionRef adapter();

    /** Absent where there is no adapter. */
    @Nullable AdapterSpec adapterSpec();

    Instant deadline();

    /**
     * Train the adapter on the agent's own training rows and upload what the scope names.
     *
     * @param scope components to train; heads are whole here
     * @param heads absent: every head is trained
     * @param ranks absent: all of the adapter's components are trained
     * @param upload absent: values are sent in f32
     * @param seed of this agent in this round: shuffling, dropout and the draw of examples
     * @param uploadToken lets the agent hand in this round's update, once
     */
    @Schema(name = "TrainAssignment")
    record Train(
            AssignmentId id,
            JobId job,
            RoundId round,
            int roundNumber,
            DataName data,
            TaskSpec task,
            VersionRef base,
            VersionRef adapter,
            AdapterSpec adapterSpec,
            TrainingSpec training,
            Scope scope,
            @Nullable HeadPlan heads,
            @Nullable RankPlan ranks,
            @Nullable UploadPlan upload,
            long seed,
            String uploadToken,
            Instant deadline)
            implements Assignment {

        /** Without the token, which must not reach a log. */
        @Override
        public String toString() {
            return "Train[" + id + ", round " + roundNumber + " of job " + job + "]";
        }
    }

    /**
     * Prune layers of the base on the agent's own training rows and upload masks and kept values.
     *
     * @param seed of this agent in this round: the draw of calibration text
     * @param uploadToken lets the agent hand in this round's update, once
     */
    @Schema(name = "PruneAssignment")
    record Prune(
            AssignmentId id,
            JobId job,
            RoundId round,
            int roundNumber,
            DataName data,
            TaskSpec task,
            VersionRef base,
            PrunePlan plan,
            long seed,
            String uploadToken,
            Instant deadline)
            implements Assignment {

        /** The base is pruned as it is. */
        @Override
        @JsonIgnore
        public @Nullable VersionRef adapter() {
            return null;
        }

        @Override
        @JsonIgnore
        public @Nullable AdapterSpec adapterSpec() {
            return null;
        }

        /** Without the token, which must not reach a log. */
        @Override
        public String toString() {
            return "Prune[" + id + ", round " + roundNumber + " of job " + job + "]";
        }
    }

    /** Evaluate the adapter, or the base itself, on the agent's held-out rows. */
    @Schema(name = "EvaluateAssignment")
    record Evaluate(
            AssignmentId id,
            JobId job,
            RoundId round,
            int roundNumber,
            DataName data,
            TaskSpec task,
            VersionRef base,
            @Nullable VersionRef adapter,
            @Nullable AdapterSpec adapterSpec,
            Instant deadline)
            implements Assignment {}

    /**
     * Measure the mean loss of the adapter, or of the base itself, on some of the agent's own
     * training rows, so that a cohort can be chosen.
     *
     * @param samples how many rows, drawn by the seed; all, where there are fewer
     * @param alsoOwn measure the agent's own last adapter of this job on the same rows too, if it
     *     still has it
     */
    @Schema(name = "ScoreAssignment")
    record Score(
            AssignmentId id,
            JobId job,
            RoundId round,
            int roundNumber,
            DataName data,
            TaskSpec task,
            VersionRef base,
            @Nullable VersionRef adapter,
            @Nullable AdapterSpec adapterSpec,
            int samples,
            boolean alsoOwn,
            long seed,
            Instant deadline)
            implements Assignment {}
}
