package dev.espalier.orchestrator.job;

import dev.espalier.protocol.job.TaskKind;
import dev.espalier.protocol.job.TaskSpec;
import dev.espalier.protocol.model.ModelStructure;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Whether a task makes sense, by itself and with a base. */
final class TaskRules {

    /** Families that write one text from another. */
    private static final Set<String> WRITERS = Set.of("t5");

    /** Families that continue texts. */
    private static final List<String> CONTINUERS = List.of("gpt2", "llama", "opt");

    private TaskRules() {}

    static void values(TaskSpec task, List<Violation> found) {
        repeated(task.labels(), found);
        switch (task.kind()) {
            case SEQUENCE_CLASSIFICATION -> {
                if (task.labels().size() < 2) {
                    found.add(Violation.value("task.labels", "must name at least 2 labels"));
                }
                noTarget(task, found);
            }
            case TEXT_TO_TEXT -> noLabels(task, found);
            case CAUSAL_LANGUAGE_MODELLING -> {
                noLabels(task, found);
                noTarget(task, found);
            }
            case null -> {} // said already
        }
    }

    private static void noTarget(TaskSpec task, List<Violation> found) {
        if (task.maxTargetLength() != null) {
            found.add(Violation.combination("task.maxTargetLength", "is only for TEXT_TO_TEXT"));
        }
    }

    private static void noLabels(TaskSpec task, List<Violation> found) {
        if (!task.labels().isEmpty()) {
            found.add(
                    Violation.combination(
                            "task.labels",
                            "must be empty for %s, which tells no classes apart"
                                    .formatted(task.kind())));
        }
    }

    private static void repeated(List<String> labels, List<Violation> found) {
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

    static void fit(TaskSpec task, ModelStructure structure, List<Violation> found) {
        boolean classifies = !structure.classificationHead().isEmpty();
        if (task.kind() == TaskKind.SEQUENCE_CLASSIFICATION && !classifies) {
            found.add(
                    Violation.fit(
                            "task.kind",
                            "the base has no head for sequence classification that could be"
                                    + " trained"));
        }
        if (task.kind() == TaskKind.TEXT_TO_TEXT
                && (classifies || !WRITERS.contains(structure.family()))) {
            found.add(
                    Violation.fit(
                            "task.kind",
                            ("the base is a '%s' %s; TEXT_TO_TEXT needs one of the family 't5' that"
                                            + " writes")
                                    .formatted(
                                            structure.family(),
                                            classifies ? "classifier" : "model")));
        }
        if (task.kind() == TaskKind.CAUSAL_LANGUAGE_MODELLING
                && (classifies || !CONTINUERS.contains(structure.family()))) {
            found.add(
                    Violation.fit(
                            "task.kind",
                            ("the base is a '%s' %s; CAUSAL_LANGUAGE_MODELLING needs a decoder that"
                                            + " continues texts, of one of the families %s")
                                    .formatted(
                                            structure.family(),
                                            classifies ? "classifier" : "model",
                                            String.join(", ", CONTINUERS))));
        }
        length("task.maxLength", task.maxLength(), structure, found);
        if (task.maxTargetLength() != null) {
            length("task.maxTargetLength", task.maxTargetLength(), structure, found);
        }
    }

    private static void length(
            String field, int tokens, ModelStructure structure, List<Violation> found) {
        if (tokens > structure.maxPositions()) {
            found.add(
                    Violation.fit(
                            field,
                            "the base takes %d tokens at most"
                                    .formatted(structure.maxPositions())));
        }
    }
}
