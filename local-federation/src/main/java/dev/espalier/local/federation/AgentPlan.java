package dev.espalier.local.federation;

import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.DataName;
import java.nio.file.Path;

/**
 * One agent and the texts that only it can read, as JSON Lines.
 *
 * @param work whether the texts are there to train on, or to measure with
 * @param rows what a line holds
 */
public record AgentPlan(AgentName name, Work work, DataName data, Path texts, Rows rows) {

    /** One whose lines hold {@code text} and {@code label}. */
    public AgentPlan(AgentName name, Work work, DataName data, Path texts) {
        this(name, work, data, texts, Rows.TEXTS);
    }

    /** What an agent does with its texts. */
    public enum Work {
        TRAIN,
        EVALUATE
    }

    /** What a line of the agent's file holds. */
    public enum Rows {
        /** {@code text} and {@code label}. */
        TEXTS,
        /** {@code text}, {@code secondText} and {@code label}. */
        PAIRS,
        /** {@code text} and, as {@code target}, the text to write from it. */
        TEXT_TO_TEXT
    }
}
