package dev.espalier.benchmarks.report;

import dev.espalier.benchmarks.experiment.Arm;
import dev.espalier.benchmarks.experiment.Run;
import dev.espalier.benchmarks.experiment.Study;
import dev.espalier.protocol.job.RoundState;
import dev.espalier.protocol.job.RoundView;
import dev.espalier.protocol.job.SelectionSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;

/**
 * Why nothing should be read out of a comparison, in words.
 *
 * @param arms by name
 */
record Doubts(Study study, List<Run> runs, Map<String, ArmReport> arms) {

    List<String> inWords() {
        List<String> doubts = new ArrayList<>();
        weakReference(doubts);
        arms.forEach((name, arm) -> {
            if (arm.figures().loss() == null) {
                doubts.add(name + " has no final score");
            }
        });
        runs.forEach(run -> missedRounds(run, doubts));
        differentCohorts(doubts);
        return doubts;
    }

    private void weakReference(List<String> doubts) {
        Double least = study.leastAccuracy();
        Double reached = Objects.requireNonNull(arms.get(study.reference())).figures().accuracy();
        if (least != null && (reached == null || reached < least)) {
            doubts.add(
                    "%s ends at %s, below %s"
                            .formatted(study.reference(), reached == null ? "-" : reached, least));
        }
    }

    private static void missedRounds(Run run, List<String> doubts) {
        run.rounds().stream()
                .filter(round -> round.state() != RoundState.COMPLETED)
                .mapToInt(RoundView::number)
                .mapToObj(number ->
                        "round %d of %s, seed %d published nothing"
                                .formatted(number, run.arm(), run.seed()))
                .forEach(doubts::add);
    }

    /** Arms whose cohorts depend on nothing but the seed must have drawn the same ones. */
    private void differentCohorts(List<String> doubts) {
        List<Arm> drawn = study.arms().stream().filter(arm -> bySeed(arm.selection())).toList();
        for (int i = 1; i < drawn.size(); i++) {
            Arm arm = drawn.get(i);
            drawn.subList(0, i).stream()
                    .filter(earlier -> drawsAlike(earlier, arm))
                    .findFirst()
                    .ifPresent(first -> compareCohorts(first, arm, doubts));
        }
    }

    private void compareCohorts(Arm first, Arm arm, List<String> doubts) {
        for (ArmReport.Seed seed : report(arm).perSeed()) {
            Predicate<ArmReport.Seed> sameSeed = other -> other.seed() == seed.seed();
            report(first).perSeed().stream()
                    .filter(sameSeed)
                    .filter(other -> differ(other.cohorts(), seed.cohorts()))
                    .forEach(other ->
                            doubts.add(
                                    "%s and %s drew different cohorts with seed %d"
                                            .formatted(first.name(), arm.name(), seed.seed())));
        }
    }

    private static boolean drawsAlike(Arm one, Arm other) {
        return one.selection().equals(other.selection())
                && Objects.equals(one.data(), other.data());
    }

    /** In the rounds that both have. */
    private static boolean differ(List<List<String>> some, List<List<String>> others) {
        int rounds = Math.min(some.size(), others.size());
        return !some.subList(0, rounds).equals(others.subList(0, rounds));
    }

    private ArmReport report(Arm arm) {
        return Objects.requireNonNull(arms.get(arm.name()));
    }

    /** Not those that look at losses: they differ with the model. */
    private static boolean bySeed(SelectionSpec selection) {
        return switch (selection) {
            case SelectionSpec.All _,
                    SelectionSpec.Uniform _,
                    SelectionSpec.DataWeighted _,
                    SelectionSpec.RoundRobin _ ->
                    true;
            case SelectionSpec.PowerOfChoice _, SelectionSpec.LossDifference _ -> false;
            case SelectionSpec.ResourceAware aware -> bySeed(aware.then());
        };
    }
}
