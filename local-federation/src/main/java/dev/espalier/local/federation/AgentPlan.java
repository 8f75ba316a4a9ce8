package dev.espalier.local.federation;

import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.DataName;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * One agent and the texts that only it can read, as JSON Lines.
 *
 * @param work whether the texts are there to train on, or to measure with
 * @param rows what a line holds
 * @param means what it tells the orchestrator that it can do
 */
public record AgentPlan(
        AgentName name, Work work, DataName data, Path texts, Rows rows, Means means) {

    /** One that tells nothing of its means. */
    public AgentPlan(AgentName name, Work work, DataName data, Path texts, Rows rows) {
        this(name, work, data, texts, rows, Means.USUAL);
    }

    /** One whose lines hold {@code text} and {@code label}. */
    public AgentPlan(AgentName name, Work work, DataName data, Path texts) {
        this(name, work, data, texts, Rows.TEXTS);
    }

    /** The same agent with other means. */
    public AgentPlan with(Means other) {
        return new AgentPlan(name, work, data, texts, rows, other);
    }

    /** What an agent does with its texts. */
    public enum Work {
        TRAIN("TRAIN", "0"),
        EVALUATE("EVALUATE", "1"),
        /** Trains on four fifths of them, and measures with the rest. */
        BOTH("TRAIN,EVALUATE", "0.2");

        private final String roles;
        private final String heldOut;

        Work(String roles, String heldOut) {
            this.roles = roles;
            this.heldOut = heldOut;
        }

        /** As the agent's settings name them. */
        String roles() {
            return roles;
        }

        /** Share of the texts that are not trained on. */
        String heldOut() {
            return heldOut;
        }
    }

    /** What a line of the agent's file holds. */
    public enum Rows {
        /** {@code text} and {@code label}. */
        TEXTS,
        /** {@code text}, {@code secondText} and {@code label}. */
        PAIRS,
        /** {@code text} and, as {@code target}, the text to write from it. */
        TEXT_TO_TEXT,
        /** {@code text} alone, to be continued. */
        RUNNING_TEXT
    }

    /**
     * How strong an agent says it is; nothing holds it to that.
     *
     * @param memoryBytes absent: the agent's default
     * @param uplinkBytesPerSecond absent: it does not tell
     */
    public record Means(@Nullable Long memoryBytes, @Nullable Long uplinkBytesPerSecond) {

        /** Whatever an agent says that was told nothing. */
        public static final Means USUAL = new Means(null, null);

        /** One that tells its uplink. */
        public static Means uplink(long bytesPerSecond) {
            return new Means(null, bytesPerSecond);
        }
    }
}
