package dev.espalier.aggregation.publish;

import dev.espalier.protocol.job.TaskKind;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** What PEFT calls what an adapter is for: {@code task_type} of its configuration. */
enum PeftTask {
    SEQ_CLS,
    SEQ_2_SEQ_LM,
    CAUSAL_LM;

    static PeftTask of(TaskKind kind) {
        return switch (kind) {
            case SEQUENCE_CLASSIFICATION -> SEQ_CLS;
            case TEXT_TO_TEXT -> SEQ_2_SEQ_LM;
            case CAUSAL_LANGUAGE_MODELLING -> CAUSAL_LM;
        };
    }

    /** What the configuration of an adapter says; empty for what no job of ours does. */
    static Optional<PeftTask> of(JsonNode adapterConfig) {
        String told = adapterConfig.path("task_type").asString("");
        return Stream.of(values()).filter(task -> task.name().equals(told)).findFirst();
    }
}
