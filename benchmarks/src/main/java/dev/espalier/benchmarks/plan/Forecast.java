package dev.espalier.benchmarks.plan;

import dev.espalier.benchmarks.experiment.Arm;
import dev.espalier.benchmarks.experiment.Study;
import dev.espalier.protocol.job.AdapterSpec;
import dev.espalier.protocol.job.HeadPruningSpec;
import dev.espalier.protocol.job.PhaseSpec;
import dev.espalier.protocol.job.SelectionSpec;
import dev.espalier.protocol.job.SparseAggregationSpec;
import dev.espalier.protocol.job.TrainingSpec;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** How long each arm of a study will take on this machine: counted steps times measured ones. */
public final class Forecast {

    /** Drawing, opening, fetching, handing in, combining, publishing; measured on two cores. */
    private static final double OVERHEAD_OF_A_ROUND = 3;

    private static final double START_OF_A_FEDERATION = 25;

    private final Study study;
    private final Pace pace;
    private final Stride stride;

    /** Statistics of what enters each layer, and the choice of what goes; measured (ours). */
    private static final double PASSES_OF_A_PRUNING = 3;

    /**
     * @param study one of its arms trains an adapter
     */
    public Forecast(Study study, Pace pace) {
        this.study = study;
        this.pace = pace;
        PhaseSpec.FineTune phase = tuning(study);
        this.stride =
                new Stride(
                        study.shape(),
                        study.task().maxLength(),
                        phase.adapter().rank(),
                        phase.training().localEpochs());
    }

    /** That of an arm that trains one; the others train the same or none. */
    public static AdapterSpec adapter(Study study) {
        return tuning(study).adapter();
    }

    private static PhaseSpec.FineTune tuning(Study study) {
        return study.arms().stream()
                .flatMap(arm -> arm.tuning().stream())
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no arm trains an adapter"));
    }

    /**
     * @param steps of training, over all clients and rounds
     * @param stepShare time of one against a dense one, in the last round
     * @param trainSeconds scoring of heads and pruning included
     * @param seconds everything
     */
    public record Line(
            String arm, long steps, double stepShare, double trainSeconds, double seconds) {}

    /** Of all seeds together, by arm. */
    public List<Line> lines() {
        return study.arms().stream().map(this::line).toList();
    }

    public Duration total() {
        double seconds = lines().stream().mapToDouble(Line::seconds).sum();
        return seconds(START_OF_A_FEDERATION + seconds);
    }

    /** How long one round of each arm will take. */
    public Map<String, Duration> rounds() {
        Map<String, Duration> rounds = new LinkedHashMap<>();
        for (Line line : lines()) {
            rounds.put(line.arm(), seconds(line.seconds() / study.rounds() / study.seeds().size()));
        }
        return rounds;
    }

    private Line line(Arm arm) {
        double cohort = cohort(arm);
        double steps = 0;
        double training = pruning(arm);
        for (PhaseSpec.FineTune phase : arm.tuning()) {
            double each = cohort * stepsOfAClient(phase.training());
            steps += phase.rounds() * each;
            training += each * stepSeconds(phase) + phase.rounds() * cohort * headScoring(phase);
        }
        int rounds = arm.rounds();
        double around =
                rounds * (OVERHEAD_OF_A_ROUND + lossScoring(arm.selection()))
                        + models(arm) * evaluation(rounds);
        int seeds = study.seeds().size();
        return new Line(
                arm.name(),
                Math.round(steps * seeds),
                lastShare(arm),
                training * seeds,
                (training + around) * seeds);
    }

    /** Of a step in its last round; 0 where nothing is trained. */
    private double lastShare(Arm arm) {
        if (arm.tuning().isEmpty()) {
            return 0;
        }
        PhaseSpec.FineTune last = arm.tuning().getLast();
        return share(last, last.rounds());
    }

    private double pruning(Arm arm) {
        return pruning(arm.phases())
                .mapToDouble(phase ->
                        phase.rounds()
                                * cohort(arm)
                                * PASSES_OF_A_PRUNING
                                * forward(phase.weights().calibrationSamples()))
                .sum();
    }

    /** How many models are evaluated in a round. */
    private double models(Arm arm) {
        return pruning(arm.phases())
                        .anyMatch(phase ->
                                phase.aggregation() instanceof SparseAggregationSpec.Standalone)
                ? cohort(arm)
                : 1;
    }

    private static Stream<PhaseSpec.Prune> pruning(List<PhaseSpec> phases) {
        return phases.stream()
                .filter(PhaseSpec.Prune.class::isInstance)
                .map(PhaseSpec.Prune.class::cast);
    }

    private double cohort(Arm arm) {
        return Math.min(cohort(arm.selection()), study.clients(arm).size());
    }

    /** Of one step in every round of a phase, together. */
    private double stepSeconds(PhaseSpec.FineTune phase) {
        double dense = pace.stepSeconds() * phase.training().batchSize() / Pace.BATCH;
        return IntStream.rangeClosed(1, phase.rounds())
                .mapToDouble(round -> share(phase, round) * dense)
                .sum();
    }

    private double share(PhaseSpec.FineTune phase, int round) {
        return stride.share(heads(phase), sparsity(phase, round));
    }

    /** The mean over the clients. */
    private double stepsOfAClient(TrainingSpec training) {
        Integer most = training.maxExamples();
        return study.clients().stream()
                .mapToInt(client -> most == null ? client.rows() : Math.min(client.rows(), most))
                .map(rows -> Math.ceilDiv(rows, training.batchSize()) * training.localEpochs())
                .average()
                .orElseThrow();
    }

    private double cohort(SelectionSpec selection) {
        int clients = study.clients().size();
        return switch (selection) {
            case SelectionSpec.All all -> clients;
            case SelectionSpec.Uniform some -> some(some.fraction());
            case SelectionSpec.DataWeighted some -> some(some.fraction());
            case SelectionSpec.RoundRobin some -> some(some.fraction());
            case SelectionSpec.PowerOfChoice some -> some(some.fraction());
            case SelectionSpec.LossDifference some -> some(some.fraction());
            case SelectionSpec.ResourceAware able -> cohort(able.then());
        };
    }

    private double some(double fraction) {
        return Math.max(1, Math.floor(fraction * study.clients().size() + 1e-9));
    }

    private double headScoring(PhaseSpec.FineTune phase) {
        HeadPruningSpec heads = heads(phase);
        return heads == null ? 0 : forward(heads.calibrationSamples());
    }

    /** Of those who are asked for a loss, with the global adapter and with their own. */
    private double lossScoring(SelectionSpec selection) {
        return switch (selection) {
            case SelectionSpec.LossDifference asks ->
                    2 * some(asks.candidates()) * forward(asks.scoring().samples());
            case SelectionSpec.PowerOfChoice asks ->
                    some(asks.candidates()) * forward(asks.scoring().samples());
            case SelectionSpec.ResourceAware able -> lossScoring(able.then());
            default -> 0;
        };
    }

    private double evaluation(int rounds) {
        int each = study.evaluationRows(study.evaluation().data());
        int last = study.evaluationRows(study.evaluation().finalData());
        double times = Math.ceil((double) rounds / study.evaluation().everyRounds());
        return times * answered(each) + answered(last);
    }

    private double answered(int rows) {
        return forward(rows) + rows * pace.answerSeconds();
    }

    private double forward(int rows) {
        return Math.ceil((double) rows / Pace.BATCH) * pace.forwardSeconds();
    }

    private static @Nullable HeadPruningSpec heads(PhaseSpec.FineTune phase) {
        return phase.pruning() == null ? null : phase.pruning().heads();
    }

    private static double sparsity(PhaseSpec.FineTune phase, int round) {
        HeadPruningSpec heads = heads(phase);
        return heads == null ? 0 : heads.sparsityIn(round, phase.rounds()).doubleValue();
    }

    private static Duration seconds(double seconds) {
        return Duration.ofMillis(Math.round(1000 * seconds));
    }
}
