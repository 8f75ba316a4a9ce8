package dev.espalier.local.federation;

import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.DataName;
import java.nio.file.Path;

/**
 * One agent and the texts that only it can read: JSON Lines with {@code text} and {@code label}.
 *
 * @param work whether the texts are there to train on, or to measure with
 */
public record AgentPlan(AgentName name, Work work, DataName data, Path texts) {

    /** What an agent does with its texts. */
    public enum Work {
        TRAIN,
        EVALUATE
    }
}
