package dev.espalier.orchestrator.round;

import dev.espalier.protocol.update.RoundSessionView;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;

/** What to do with a round that gathers: a pure function of what is in. */
sealed interface Gathered {

    record Wait() implements Gathered {}

    /** Take no more, and combine. */
    record Seal(int accepted) implements Gathered {}

    record GiveUp(String reason) implements Gathered {}

    static Gathered judge(Round round, RoundSessionView session, List<Fate> fates, Instant now) {
        return switch (session.state()) {
            case OPEN -> judgeOpen(round, fates, now);
            case SEALED, PUBLISHED -> new Seal(accepted(fates));
            case VOID, CANCELLED ->
                    new GiveUp(
                            session.reason() == null
                                    ? "the aggregation service gave the round up"
                                    : session.reason());
        };
    }

    private static Gathered judgeOpen(Round round, List<Fate> fates, Instant now) {
        int accepted = accepted(fates);
        int needed = round.plan().needed();
        long outstanding = fates.stream().filter(Fate::isOutstanding).count();
        boolean timeIsUp = !now.isBefore(round.deadline());
        if (accepted >= needed && (outstanding == 0 || timeIsUp)) {
            return new Seal(accepted);
        }
        if (timeIsUp || accepted + outstanding < needed) {
            return new GiveUp(tooFew(fates, accepted, needed, timeIsUp));
        }
        return new Wait();
    }

    private static int accepted(List<Fate> fates) {
        return (int) fates.stream().filter(Fate::isAccepted).count();
    }

    private static String tooFew(List<Fate> fates, int accepted, int needed, boolean timeIsUp) {
        String why =
                fates.stream()
                        .filter(fate -> !fate.isAccepted())
                        .limit(10)
                        .map(Gathered::shortfall)
                        .collect(Collectors.joining("; "));
        return "%d of %d needed updates %s: %s"
                .formatted(accepted, needed, timeIsUp ? "came in time" : "can still come", why);
    }

    private static String shortfall(Fate fate) {
        return switch (fate.outcome()) {
            case INVITED -> fate.agent() + " never fetched its work";
            case WORKING -> fate.agent() + " was still at work";
            case REJECTED -> fate.agent() + "'s update was refused: " + fate.reason();
            case FAILED -> fate.agent() + " failed: " + fate.reason();
            case MISSED -> fate.agent() + " left: " + fate.reason();
            case ACCEPTED -> fate.agent() + " handed in";
        };
    }
}
