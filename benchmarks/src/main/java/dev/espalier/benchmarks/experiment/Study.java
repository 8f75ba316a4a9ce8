package dev.espalier.benchmarks.experiment;

import dev.espalier.benchmarks.measure.Goal;
import dev.espalier.local.federation.AgentPlan;
import dev.espalier.protocol.DataName;
import dev.espalier.protocol.ModelName;
import dev.espalier.protocol.ModelPointer;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.job.EvaluationSpec;
import dev.espalier.protocol.job.JobSpecification;
import dev.espalier.protocol.job.TaskSpec;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Arms that are compared on one base model and one deal of data. Every arm has the same seeds.
 *
 * @param title for people
 * @param model folder of the base model
 * @param shape for forecasts
 * @param base what it is registered as
 * @param data name of the training data
 * @param holdings who holds what: those who train and those who evaluate
 * @param reference the arm that others are compared with
 * @param leastAccuracy below it the reference arm is too weak for a comparison; absent: any will do
 * @param notes what a reader of the results must know
 */
public record Study(
        String name,
        String title,
        Path model,
        ModelShape shape,
        ModelName base,
        TaskSpec task,
        DataName data,
        EvaluationSpec evaluation,
        List<Holding> holdings,
        List<Arm> arms,
        List<Long> seeds,
        List<Goal> goals,
        String reference,
        @Nullable Double leastAccuracy,
        List<String> notes)
        implements Part {

    /** What most reference arms have to reach before others are compared with them. */
    public static final double USUAL_LEAST_ACCURACY = 0.4;

    public Study {
        holdings = List.copyOf(holdings);
        arms = List.copyOf(arms);
        seeds = List.copyOf(seeds);
        goals = List.copyOf(goals);
        notes = List.copyOf(notes);
        require(!seeds.isEmpty(), name + " has no seed");
        Set<String> names = new HashSet<>();
        for (Arm arm : arms) {
            require(names.add(arm.name()), "two arms are called " + arm.name());
        }
        require(names.contains(reference), "there is no arm " + reference);
    }

    /** The most that an arm has. */
    public int rounds() {
        return arms.stream().mapToInt(Arm::rounds).max().orElse(0);
    }

    /** Those who train on the study's data. */
    public List<Holding> clients() {
        return clients(data);
    }

    /** Those who work for an arm. */
    public List<Holding> clients(Arm arm) {
        return clients(dataOf(arm));
    }

    private List<Holding> clients(DataName wanted) {
        return holdings.stream()
                .filter(holding -> holding.agent().work() == AgentPlan.Work.TRAIN)
                .filter(holding -> holding.agent().data().equals(wanted))
                .toList();
    }

    private DataName dataOf(Arm arm) {
        return Objects.requireNonNullElse(arm.data(), data);
    }

    /** Rows of the agents that evaluate on this data. */
    public int evaluationRows(@Nullable DataName wanted) {
        return holdings.stream()
                .filter(holding -> holding.agent().work() == AgentPlan.Work.EVALUATE)
                .filter(holding -> holding.agent().data().equals(wanted))
                .mapToInt(Holding::rows)
                .sum();
    }

    /** The job of one arm; it differs from the jobs of others in its phases and its names only. */
    public JobSpecification job(Arm arm, long seed, VersionRef registered) {
        return new JobSpecification(
                "%s %s seed %d".formatted(name, arm.name(), seed),
                seed,
                new JobSpecification.ModelSpec(
                        ModelPointer.parse(registered.toString()),
                        new ModelName("%s-%s-s%d".formatted(name, arm.name(), seed))),
                dataOf(arm),
                task,
                arm.phases(),
                evaluation,
                null);
    }

    private static void require(boolean condition, String otherwise) {
        if (!condition) {
            throw new IllegalArgumentException(otherwise);
        }
    }
}
