package dev.espalier.orchestrator.job;

import dev.espalier.protocol.job.AggregationSpec;
import dev.espalier.protocol.job.JobSpecification;
import dev.espalier.protocol.job.PhaseSpec;
import dev.espalier.protocol.job.SelectionSpec;
import dev.espalier.protocol.job.TaskKind;
import jakarta.validation.ConstraintViolation;
import jakarta.validation.Validator;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
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
            labels(job.task().labels(), found);
            if (job.task().kind() == TaskKind.TEXT_TO_TEXT) {
                found.add(Violation.value("task.kind", "is not offered yet"));
            } else if (job.task().labels().size() < 2) {
                found.add(Violation.value("task.labels", "must name at least 2 labels"));
            }
        }
        if (job.evaluation() != null && job.evaluation().finalData() != null) {
            found.add(Violation.value("evaluation.finalData", "is not offered yet"));
        }
        if (job.phases() != null) {
            for (int i = 0; i < job.phases().size(); i++) {
                phase("phases[" + i + "]", job.phases().get(i), found);
            }
        }
        return found;
    }

    private static String path(ConstraintViolation<?> violation) {
        return violation.getPropertyPath().toString().replaceAll("\\.<[a-z ]+>", "");
    }

    private static void labels(List<String> labels, List<Violation> found) {
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < labels.size(); i++) {
            if (labels.get(i) != null && !seen.add(labels.get(i))) {
                found.add(
                        Violation.value(
                                "task.labels[" + i + "]",
                                "'%s' is in the list twice".formatted(labels.get(i))));
            }
        }
    }

    private static void phase(String at, @Nullable PhaseSpec phase, List<Violation> found) {
        switch (phase) {
            case PhaseSpec.FineTune fineTune -> fineTune(at, fineTune, found);
            case null -> {} // said already
        }
    }

    private static void fineTune(String at, PhaseSpec.FineTune phase, List<Violation> found) {
        if (!(phase.selection() instanceof SelectionSpec.All)
                && !(phase.selection() instanceof SelectionSpec.Uniform)) {
            found.add(Violation.value(at + ".selection.policy", "is not offered yet"));
        }
        if (phase.pruning() != null) {
            found.add(Violation.value(at + ".pruning", "is not offered yet"));
        }
        if (!(phase.aggregation() instanceof AggregationSpec.FedAvg)) {
            found.add(Violation.value(at + ".aggregation.rule", "is not offered yet"));
        }
        Duration deadline = phase.deadline();
        if (deadline.compareTo(SHORTEST_DEADLINE) < 0 || deadline.compareTo(LONGEST_DEADLINE) > 0) {
            found.add(Violation.value(at + ".deadline", "must be from PT5S to P7D (PT168H)"));
        }
        if (phase.adapter() != null) {
            finite(at + ".adapter.alpha", phase.adapter().alpha(), found);
        }
        if (phase.training() != null) {
            finite(at + ".training.clipNorm", phase.training().clipNorm(), found);
        }
        finite(at + ".aggregation.maxUpdateNorm", phase.aggregation().maxUpdateNorm(), found);
    }

    private static void finite(String field, @Nullable Double value, List<Violation> found) {
        if (value != null && !Double.isFinite(value)) {
            found.add(Violation.value(field, "must be finite"));
        }
    }
}
