package dev.espalier.benchmarks.report;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.espalier.benchmarks.experiment.Arm;
import dev.espalier.benchmarks.experiment.Run;
import dev.espalier.benchmarks.experiment.Study;
import dev.espalier.benchmarks.measure.Curve;
import dev.espalier.benchmarks.measure.Figures;
import dev.espalier.benchmarks.measure.Goal;
import dev.espalier.benchmarks.measure.Result;
import dev.espalier.protocol.job.RoundView;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a study gave.
 *
 * @param valid false where the reference arm is too weak, an arm was not scored or missed a round,
 *     or arms that should have drawn the same cohorts did not: then nothing should be read out of a
 *     comparison
 * @param invalidBecause in words
 * @param target the validation accuracy that {@code roundsToTarget} asks for: {@value
 *     #SHARE_OF_TARGET} of what the reference arm ends at, mean over seeds
 * @param skipped why there are no arms
 */
public record StudyReport(
        String name,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String title,
        boolean valid,
        List<String> invalidBecause,
        @Nullable Double target,
        Map<String, ArmReport> arms,
        List<Goal.Verdict> goals,
        List<String> notes,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String skipped) {

    static final double SHARE_OF_TARGET = 0.95;

    public static StudyReport skipped(String name, String reason) {
        return new StudyReport(
                name,
                null,
                false,
                List.of("not run"),
                null,
                Map.of(),
                List.of(),
                List.of(),
                reason);
    }

    public static StudyReport of(Study study, List<Run> runs) {
        Map<Long, Double> targets = targets(study, runs);
        Map<String, ArmReport> arms = new LinkedHashMap<>();
        for (Arm arm : study.arms()) {
            arms.put(arm.name(), arm(arm, runs, targets));
        }
        Map<String, Result> results = new LinkedHashMap<>();
        arms.forEach((name, arm) -> results.put(name, arm.result()));
        List<String> doubts = new Doubts(study, runs, arms).inWords();
        return new StudyReport(
                study.name(),
                study.title(),
                doubts.isEmpty(),
                doubts,
                mean(targets.values()),
                arms,
                study.goals().stream().map(goal -> goal.judge(results)).toList(),
                study.notes(),
                null);
    }

    /** By seed. */
    private static Map<Long, Double> targets(Study study, List<Run> runs) {
        Map<Long, Double> targets = new LinkedHashMap<>();
        for (Run run : runs) {
            if (run.arm().equals(study.reference())) {
                Curve.of(run.rounds())
                        .last()
                        .ifPresent(last -> targets.put(run.seed(), SHARE_OF_TARGET * last));
            }
        }
        return targets;
    }

    private static ArmReport arm(Arm arm, List<Run> runs, Map<Long, Double> targets) {
        List<ArmReport.Seed> seeds =
                runs.stream()
                        .filter(run -> run.arm().equals(arm.name()))
                        .map(run -> seed(run, targets.get(run.seed())))
                        .toList();
        return new ArmReport(
                Figures.mean(seeds.stream().map(ArmReport.Seed::figures).toList()),
                mean(targets.values()),
                mean(seeds.stream().map(seed -> asDouble(seed.roundsToTarget())).toList()),
                asLong(mean(seeds.stream().map(seed -> asDouble(seed.macsToTarget())).toList())),
                seeds.stream().map(ArmReport.Seed::seed).toList(),
                seeds,
                arm.phases());
    }

    private static ArmReport.Seed seed(Run run, @Nullable Double target) {
        Curve curve = Curve.of(run.rounds());
        Optional<Curve.Point> arrival = target == null ? Optional.empty() : curve.reaches(target);
        return new ArmReport.Seed(
                run.seed(),
                run.job().id().toString(),
                Figures.of(run.rounds()),
                target,
                arrival.map(Curve.Point::round).orElse(null),
                arrival.map(Curve.Point::macs).orElse(null),
                run.rounds().stream().map(StudyReport::cohort).toList(),
                curve.points());
    }

    private static List<String> cohort(RoundView round) {
        return round.clients().stream().map(client -> client.agent().value()).sorted().toList();
    }

    private static Optional<Double> asDouble(@Nullable Number number) {
        return Optional.ofNullable(number).map(Number::doubleValue);
    }

    private static @Nullable Long asLong(@Nullable Double number) {
        return number == null ? null : (Long) Math.round(number);
    }

    private static @Nullable Double mean(Collection<Double> numbers) {
        return numbers.isEmpty() ? null : mean(numbers.stream().map(Optional::ofNullable).toList());
    }

    private static @Nullable Double mean(List<Optional<Double>> numbers) {
        return numbers.stream().anyMatch(Optional::isEmpty)
                ? null
                : (Double)
                        numbers.stream().mapToDouble(Optional::orElseThrow).average().orElseThrow();
    }
}
