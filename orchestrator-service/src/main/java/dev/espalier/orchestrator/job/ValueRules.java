package dev.espalier.orchestrator.job;

import dev.espalier.protocol.DataName;
import dev.espalier.protocol.job.EvaluationSpec;
import dev.espalier.protocol.job.JobSpecification;
import dev.espalier.protocol.job.PhaseSpec;
import jakarta.validation.ConstraintViolation;
import jakarta.validation.Validator;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What can be said of a specification by itself: presence, ranges, finite numbers. */
final class ValueRules {

    static final Duration SHORTEST_DEADLINE = Duration.ofSeconds(5);
    static final Duration LONGEST_DEADLINE = Duration.ofDays(7);

    private final Validator validator;

    ValueRules(Validator validator) {
        this.validator = validator;
    }

    List<Violation> of(JobSpecification job) {
        List<Violation> found = new ArrayList<>();
        for (ConstraintViolation<JobSpecification> violation : validator.validate(job)) {
            found.add(Violation.value(path(violation), violation.getMessage()));
        }
        if (job.task() != null) {
            TaskRules.values(job.task(), found);
        }
        if (job.evaluation() != null) {
            evaluation(job.evaluation(), found);
        }
        if (job.phases() != null) {
            for (int i = 0; i < job.phases().size(); i++) {
                phase("phases[" + i + "]", job.phases().get(i), found);
            }
            AggregationRules.acrossPhases(job.phases(), found);
            PruneRules.inJob(job, found);
        }
        return found;
    }

    private static String path(ConstraintViolation<?> violation) {
        return violation.getPropertyPath().toString().replaceAll("\\.<[a-z ]+>", "");
    }

    private static void evaluation(EvaluationSpec evaluation, List<Violation> found) {
        if (evaluation.data() != null) {
            otherData("evaluation.finalData", evaluation.finalData(), evaluation.data(), found);
            otherData("evaluation.clientData", evaluation.clientData(), evaluation.data(), found);
        }
    }

    private static void otherData(
            String field, @Nullable DataName data, DataName all, List<Violation> found) {
        if (all.equals(data)) {
            found.add(
                    Violation.combination(
                            field,
                            "must be other data than that on which every version is evaluated"));
        }
    }

    private static void phase(String at, @Nullable PhaseSpec phase, List<Violation> found) {
        switch (phase) {
            case PhaseSpec.FineTune fineTune -> fineTune(at, fineTune, found);
            case PhaseSpec.Prune prune -> {
                deadline(at + ".deadline", prune.deadline(), found);
                SelectionRules.check(at + ".selection", prune.selection(), found);
                PruneRules.values(at, prune, found);
            }
            case null -> {} // said already
        }
    }

    private static void fineTune(String at, PhaseSpec.FineTune phase, List<Violation> found) {
        deadline(at + ".deadline", phase.deadline(), found);
        SelectionRules.check(at + ".selection", phase.selection(), found);
        HeadRules.values(at, phase, found);
        RankRules.values(at, phase, found);
        AggregationRules.check(at, phase, found);
        if (phase.adapter() != null) {
            finite(at + ".adapter.alpha", phase.adapter().alpha(), found);
        }
        if (phase.training() != null) {
            finite(at + ".training.clipNorm", phase.training().clipNorm(), found);
        }
        finite(at + ".aggregation.maxUpdateNorm", phase.aggregation().maxUpdateNorm(), found);
    }

    static void deadline(String field, @Nullable Duration deadline, List<Violation> found) {
        if (deadline != null
                && (deadline.compareTo(SHORTEST_DEADLINE) < 0
                        || deadline.compareTo(LONGEST_DEADLINE) > 0)) {
            found.add(Violation.value(field, "must be from PT5S to P7D (PT168H)"));
        }
    }

    static void exactlyOne(
            String field, String names, List<Violation> found, @Nullable Object... values) {
        long given = Stream.of(values).filter(Objects::nonNull).count();
        if (given != 1) {
            found.add(
                    Violation.combination(
                            field, "must name exactly one of %s, not %d".formatted(names, given)));
        }
    }

    private static void finite(String field, @Nullable Double value, List<Violation> found) {
        if (value != null && !Double.isFinite(value)) {
            found.add(Violation.value(field, "must be finite"));
        }
    }
}
