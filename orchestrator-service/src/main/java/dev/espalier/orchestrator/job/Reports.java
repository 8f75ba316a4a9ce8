package dev.espalier.orchestrator.job;

import dev.espalier.protocol.job.JobReport;
import dev.espalier.protocol.job.JobState;
import dev.espalier.protocol.job.RoundView;
import dev.espalier.protocol.work.Cost;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** What a job has cost and reached: a pure function of its rounds. */
final class Reports {

    private Reports() {}

    /**
     * @param targetAccuracy absent: none is looked for
     */
    static JobReport of(JobState state, List<RoundView> rounds, @Nullable Double targetAccuracy) {
        RoundView.Traffic traffic = traffic(rounds);
        List<JobReport.Point> curve = curve(rounds);
        return new JobReport(
                state,
                rounds.size(),
                traffic,
                traffic.bytesUp() + traffic.bytesDown(),
                traffic.denseBytesUp() + traffic.denseBytesDown(),
                rounds.stream().map(RoundView::cost).reduce(Cost.NONE, Cost::plus),
                rounds.stream().mapToDouble(round -> round.timing().training()).sum(),
                curve,
                rounds.stream()
                        .map(RoundView::finalEvaluation)
                        .filter(Objects::nonNull)
                        .reduce((earlier, later) -> later)
                        .orElse(null),
                targetAccuracy == null ? null : target(curve, targetAccuracy));
    }

    private static RoundView.Traffic traffic(List<RoundView> rounds) {
        return new RoundView.Traffic(
                sum(rounds, RoundView.Traffic::bytesUp),
                sum(rounds, RoundView.Traffic::taskHeadBytesUp),
                sum(rounds, RoundView.Traffic::wireBytesUp),
                sum(rounds, RoundView.Traffic::bytesDown),
                sum(rounds, RoundView.Traffic::baseBytesDown),
                sum(rounds, RoundView.Traffic::denseBytesUp),
                sum(rounds, RoundView.Traffic::denseBytesDown));
    }

    private static long sum(List<RoundView> rounds, ToLongFunction<RoundView.Traffic> bytes) {
        return rounds.stream().map(RoundView::traffic).mapToLong(bytes).sum();
    }

    private static List<JobReport.Point> curve(List<RoundView> rounds) {
        List<JobReport.Point> curve = new ArrayList<>();
        Cost cost = Cost.NONE;
        long bytesUp = 0;
        for (RoundView round : rounds) {
            cost = cost.plus(round.cost());
            bytesUp += round.traffic().bytesUp();
            curve.add(new JobReport.Point(round.number(), round.evaluation(), cost, bytesUp));
        }
        return curve;
    }

    private static JobReport.Target target(List<JobReport.Point> curve, double accuracy) {
        return curve.stream()
                .filter(point -> reaches(point.evaluation(), accuracy))
                .findFirst()
                .map(point -> new JobReport.Target(accuracy, point.round(), point.cost()))
                .orElseGet(() -> new JobReport.Target(accuracy, null, null));
    }

    private static boolean reaches(RoundView.@Nullable Evaluation evaluation, double accuracy) {
        return evaluation != null
                && evaluation.accuracy() != null
                && evaluation.accuracy() >= accuracy;
    }
}
