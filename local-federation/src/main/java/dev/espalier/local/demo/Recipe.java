package dev.espalier.local.demo;

import dev.espalier.lm.adapter.AdapterSettings;
import dev.espalier.lm.adapter.TargetModules;
import dev.espalier.lm.adapter.TaskHead;
import dev.espalier.lm.train.LearningRateSchedule;
import dev.espalier.lm.train.TrainingSettings;
import dev.espalier.protocol.AliasName;
import dev.espalier.protocol.DataName;
import dev.espalier.protocol.ModelName;
import dev.espalier.protocol.ModelPointer;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.job.AdapterSpec;
import dev.espalier.protocol.job.AggregationSpec;
import dev.espalier.protocol.job.EvaluationSpec;
import dev.espalier.protocol.job.JobSpecification;
import dev.espalier.protocol.job.PhaseSpec;
import dev.espalier.protocol.job.SelectionSpec;
import dev.espalier.protocol.job.TaskSpec;
import dev.espalier.protocol.job.TrainingSpec;
import java.time.Duration;
import java.util.List;

/**
 * How the demo trains: one set of numbers for the job and for its baselines, so that only who sees
 * which text makes the difference.
 *
 * @param labels in the order of the classifier's outputs
 * @param length longest input in tokens
 */
record Recipe(List<String> labels, int length, Budget budget, long seed) {

    static final DataName DATA = new DataName("mail");
    static final ModelName FILTER = new ModelName("spam-filter");
    static final String JOB = "spam-filter-demo";

    private static final int RANK = 8;
    private static final double ALPHA = 16;
    private static final int BATCH = 16;
    private static final double WEIGHT_DECAY = 0.01;
    private static final double CLIP = 1;
    private static final List<String> TARGETS = List.of("query", "value");

    /**
     * Of a round: a short run, and averaging shortens the way it went. The rate falls to zero
     * within each round, so that providers with lopsided mail do not drift apart at its end.
     */
    private static final double FEDERATED_RATE = 4e-3;

    /** Of a baseline, which is one run as long as all rounds together. */
    private static final double BASELINE_RATE = 1e-3;

    JobSpecification job(VersionRef base) {
        PhaseSpec phase =
                new PhaseSpec.FineTune(
                        budget.rounds(),
                        new SelectionSpec.All(),
                        new AdapterSpec(RANK, ALPHA, 0.0, TARGETS),
                        null,
                        null,
                        null,
                        new AggregationSpec.FedAvg(null),
                        new TrainingSpec(
                                budget.epochs(),
                                BATCH,
                                FEDERATED_RATE,
                                TrainingSpec.LearningRateSchedule.LINEAR,
                                0.0,
                                WEIGHT_DECAY,
                                CLIP,
                                budget.maxExamples()),
                        Duration.ofMinutes(30),
                        1.0);
        return new JobSpecification(
                JOB,
                seed,
                new JobSpecification.ModelSpec(ModelPointer.parse(base.toString()), FILTER),
                DATA,
                TaskSpec.classification(labels, length),
                List.of(phase),
                new EvaluationSpec(DATA, 1, null, null),
                new AliasName("champion"));
    }

    AdapterSettings adapter() {
        return new AdapterSettings(
                RANK,
                ALPHA,
                0,
                TargetModules.names(TARGETS.toArray(String[]::new)),
                TaskHead.trained(labels));
    }

    /**
     * @param texts that the run can draw from
     * @param seen examples that it may see, repeats counted
     */
    TrainingSettings baseline(int texts, int seen) {
        return new TrainingSettings(
                Math.ceilDiv(seen, texts),
                BATCH,
                1,
                BASELINE_RATE,
                LearningRateSchedule.LINEAR,
                WEIGHT_DECAY,
                0,
                CLIP,
                Math.ceilDiv(seen, BATCH),
                false,
                seed);
    }
}
