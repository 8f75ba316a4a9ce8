package dev.espalier.agent.work;

import dev.espalier.agent.data.LabelsDoNotFitException;
import dev.espalier.agent.model.UnusableVersionException;
import dev.espalier.agent.neighbour.RefusedException;
import dev.espalier.lm.train.DivergedException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Says why work failed in words that are known to hold no text of the owner. Messages of other
 * exceptions may quote what was being read, so of those only the kind and the place are told.
 */
final class Failures {

    private static final int LONGEST = 1000;
    private static final int FRAMES = 6;

    private Failures() {}

    /** What is known to be safe to say; empty if nothing is known. */
    static Optional<String> explained(Throwable failure) {
        boolean ours =
                failure instanceof CannotDoException
                        || failure instanceof LabelsDoNotFitException
                        || failure instanceof UnusableVersionException
                        || failure instanceof RefusedException
                        || failure instanceof DivergedException;
        return ours ? Optional.ofNullable(failure.getMessage()) : Optional.empty();
    }

    /** For the orchestrator. */
    static String reason(Throwable failure) {
        String reason =
                explained(failure)
                        .orElse(
                                "the agent failed with %s; its log says where"
                                        .formatted(failure.getClass().getSimpleName()));
        return reason.length() <= LONGEST ? reason : reason.substring(0, LONGEST);
    }

    /** For the agent's log: kinds and places of a failure and its causes, no messages. */
    static String trace(Throwable failure) {
        List<String> parts = new ArrayList<>();
        for (Throwable t = failure; t != null && parts.size() < 5; t = t.getCause()) {
            StringBuilder part = new StringBuilder(t.getClass().getName());
            StackTraceElement[] frames = t.getStackTrace();
            for (int i = 0; i < Math.min(FRAMES, frames.length); i++) {
                part.append(" at ").append(frames[i]);
            }
            parts.add(part.toString());
        }
        return String.join(" caused by ", parts);
    }
}
