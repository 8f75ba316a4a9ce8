package dev.espalier.orchestrator.selection;

import dev.espalier.protocol.work.Capabilities;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * The least that an agent must offer to get something; absent: any.
 *
 * @param uplinkBytesPerSecond who does not tell its uplink does not meet it
 */
public record Minimum(
        @Nullable Long memoryBytes,
        @Nullable Long uplinkBytesPerSecond,
        @Nullable Integer processors) {

    public boolean isMetBy(Capabilities can) {
        return reaches(can.memoryBytes(), memoryBytes)
                && reaches(can.uplinkBytesPerSecond(), uplinkBytesPerSecond)
                && reaches(can.processors(), processors);
    }

    /** Whether all who meet this one meet the other. */
    public boolean implies(Minimum other) {
        return reaches(memoryBytes, other.memoryBytes)
                && reaches(uplinkBytesPerSecond, other.uplinkBytesPerSecond)
                && reaches(processors, other.processors);
    }

    private static boolean reaches(@Nullable Number offered, @Nullable Number least) {
        return least == null || offered != null && offered.longValue() >= least.longValue();
    }

    /** What an agent offers of it, in words that follow its name. */
    public static String offered(Capabilities can) {
        return "offers %d bytes of memory, %d processors and %s"
                .formatted(
                        can.memoryBytes(),
                        can.processors(),
                        can.uplinkBytesPerSecond() == null
                                ? "does not tell its uplink"
                                : can.uplinkBytesPerSecond() + " bytes a second up");
    }

    /** For people, for example {@code memoryBytes 2000000000 processors 4}. */
    public String inWords() {
        StringJoiner words = new StringJoiner(" ");
        if (memoryBytes != null) {
            words.add("memoryBytes " + memoryBytes);
        }
        if (uplinkBytesPerSecond != null) {
            words.add("uplinkBytesPerSecond " + uplinkBytesPerSecond);
        }
        if (processors != null) {
            words.add("processors " + processors);
        }
        return words.toString();
    }
}
