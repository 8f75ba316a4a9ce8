package dev.espalier.benchmarks.experiment;

import dev.espalier.protocol.job.AdapterSpec;
import dev.espalier.protocol.job.AggregationSpec;
import dev.espalier.protocol.job.PhaseSpec;
import dev.espalier.protocol.job.PruningSpec;
import dev.espalier.protocol.job.QuantisationSpec;
import dev.espalier.protocol.job.RankSpec;
import dev.espalier.protocol.job.SelectionSpec;
import dev.espalier.protocol.job.TrainingSpec;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How an adapter is trained, whatever an arm leaves out of it: AdamW with linear decay within a
 * round, gradients clipped at 1.
 *
 * @param epochs of a client in a round
 * @param batch examples of a step
 * @param maxExamples of a client in a round; absent: all it has
 */
public record Tuning(AdapterSpec adapter, int epochs, int batch, @Nullable Integer maxExamples) {

    /** A round must outlive the night in which somebody closes the laptop. */
    public static final Duration DEADLINE = Duration.ofDays(2);

    /** Of the cohort: an arm that lost an update is compared with nothing. */
    public static final double QUORUM = 1;

    private static final double WEIGHT_DECAY = 0.01;

    /**
     * What an arm does in its own way.
     *
     * @param pruning absent: no head is pruned
     * @param ranks absent: everyone trains every component
     * @param quantisation absent: f32
     */
    public record Way(
            @Nullable PruningSpec pruning,
            @Nullable RankSpec ranks,
            @Nullable QuantisationSpec quantisation,
            AggregationSpec aggregation) {

        /** Everyone trains everything. */
        public static Way dense(AggregationSpec aggregation) {
            return new Way(null, null, null, aggregation);
        }

        public static Way ofHeads(@Nullable PruningSpec pruning, AggregationSpec aggregation) {
            return new Way(pruning, null, null, aggregation);
        }

        public static Way ofRanks(RankSpec ranks, AggregationSpec aggregation) {
            return new Way(null, ranks, null, aggregation);
        }
    }

    /** Some rounds at one learning rate. */
    public PhaseSpec.FineTune phase(int rounds, double rate, SelectionSpec selection, Way way) {
        return new PhaseSpec.FineTune(
                rounds,
                selection,
                adapter,
                way.pruning(),
                way.ranks(),
                way.quantisation(),
                way.aggregation(),
                training(rate),
                DEADLINE,
                QUORUM);
    }

    private TrainingSpec training(double rate) {
        return new TrainingSpec(
                epochs,
                batch,
                rate,
                TrainingSpec.LearningRateSchedule.LINEAR,
                0.0,
                WEIGHT_DECAY,
                1.0,
                maxExamples);
    }

    /** For the report. */
    public Map<String, Object> told() {
        Map<String, Object> told = new LinkedHashMap<>();
        told.put("rank", adapter.rank());
        told.put("alpha", adapter.alpha());
        List<String> targets = adapter.targetModules();
        told.put("targetModules", targets == null ? "the usual ones" : targets);
        told.put("localEpochs", epochs);
        told.put("batchSize", batch);
        return told;
    }
}
