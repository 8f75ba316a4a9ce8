package dev.espalier.orchestrator.round;

import dev.espalier.orchestrator.assignment.Piece;
import dev.espalier.orchestrator.event.EventType;
import dev.espalier.orchestrator.fleet.Fleet;
import dev.espalier.orchestrator.fleet.FleetSnapshot;
import dev.espalier.orchestrator.neighbour.Aggregation;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.update.RoundSessionView;
import dev.espalier.protocol.update.RoundSessionView.UpdateState;
import dev.espalier.protocol.update.RoundSessionView.UpdateView;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Looks what has come in, and decides whether that is enough. */
@Component
class GatherStep {

    private final RoundBooks books;
    private final Aggregation aggregation;
    private final Fleet fleet;

    GatherStep(RoundBooks books, Aggregation aggregation, Fleet fleet) {
        this.books = books;
        this.aggregation = aggregation;
        this.fleet = fleet;
    }

    Turn run(Round round) {
        List<Piece> pieces = books.assignments().of(round.id()); // before the view, see Fate
        RoundSessionView view = aggregation.view(round.id());
        List<Fate> fates = Fate.of(pieces, view, true);
        Instant now = books.now();
        return switch (Gathered.judge(round, view, fates, now)) {
            case Gathered.Wait wait -> keepWaiting(round, view, fates);
            case Gathered.Seal seal -> seal(round, view, fates, now);
            case Gathered.GiveUp giveUp -> giveUp(round, view, fates, giveUp.reason());
        };
    }

    private Turn keepWaiting(Round round, RoundSessionView view, List<Fate> fates) {
        if (!view.equals(round.session())) {
            books.atomically(() -> {
                books.rounds().save(round.having(view));
                tellArrivals(round, view);
            });
        }
        return new Turn.Waits(silence(round, fates));
    }

    private Turn seal(Round round, RoundSessionView view, List<Fate> fates, Instant now) {
        Set<AgentName> counted = accepted(fates);
        Round sealed = round.having(view).sealed(now);
        books.atomically(() -> {
            books.rounds().save(sealed);
            books.assignments().close(round.id(), counted, "the round was sealed without it");
            tellArrivals(round, view);
            books.tell(
                    sealed,
                    EventType.ROUND_SEALED,
                    "round %d was sealed with %d of %d updates"
                            .formatted(round.number(), counted.size(), fates.size()),
                    Map.of("accepted", counted.size(), "cohort", fates.size()));
        });
        return new Turn.Moved();
    }

    private Turn giveUp(Round round, RoundSessionView view, List<Fate> fates, String reason) {
        aggregation.cancel(round.id());
        Round nothing = round.having(view).voided(reason, books.now());
        books.atomically(() -> {
            books.end(nothing, accepted(fates), "the round was given up");
            tellArrivals(round, view);
            books.tell(
                    nothing,
                    EventType.ROUND_VOID,
                    "round %d published nothing: %s".formatted(round.number(), reason),
                    Map.of("reason", reason));
        });
        return new Turn.Moved();
    }

    private static Set<AgentName> accepted(List<Fate> fates) {
        return fates.stream()
                .filter(Fate::isAccepted)
                .map(Fate::agent)
                .collect(Collectors.toUnmodifiableSet());
    }

    private void tellArrivals(Round before, RoundSessionView view) {
        Map<AgentName, UpdateState> known =
                before.session() == null
                        ? Map.of()
                        : before.session().updates().stream()
                                .collect(Collectors.toMap(UpdateView::agent, UpdateView::state));
        for (UpdateView update : view.updates()) {
            if (update.state() != known.getOrDefault(update.agent(), UpdateState.MISSING)) {
                tellArrival(before, view, update);
            }
        }
    }

    private void tellArrival(Round round, RoundSessionView view, UpdateView update) {
        long missing =
                view.updates().stream().filter(u -> u.state() == UpdateState.MISSING).count();
        switch (update.state()) {
            case ACCEPTED ->
                    books.tell(
                            round,
                            EventType.UPDATE_ACCEPTED,
                            "the update of agent %s counts (%d examples)"
                                    .formatted(update.agent(), update.examples()),
                            Map.of(
                                    "agent", update.agent().value(),
                                    "examples", update.examples(),
                                    "bytesUp", update.bytesUp(),
                                    "wireBytesUp", update.wireBytesUp(),
                                    "stillMissing", missing));
            case REJECTED ->
                    books.tell(
                            round,
                            EventType.UPDATE_REJECTED,
                            "the update of agent %s was refused: %s"
                                    .formatted(update.agent(), update.reason()),
                            Map.of(
                                    "agent", update.agent().value(),
                                    "reason", String.valueOf(update.reason()),
                                    "stillMissing", missing));
            case MISSING -> {}
        }
    }

    /** Why nothing moves: nobody of those who are missing is alive. */
    private @Nullable String silence(Round round, List<Fate> fates) {
        FleetSnapshot now = fleet.snapshot();
        List<AgentName> outstanding =
                fates.stream().filter(Fate::isOutstanding).map(Fate::agent).toList();
        boolean someoneIsAlive =
                outstanding.stream()
                        .flatMap(name -> now.agent(name).stream())
                        .anyMatch(now::isAlive);
        return someoneIsAlive
                ? null
                : "updates are missing of %s, none of whom is alive; the round ends by %s"
                        .formatted(named(outstanding), round.deadline());
    }

    private static String named(List<AgentName> agents) {
        return agents.stream().limit(10).map(AgentName::value).collect(Collectors.joining(", "))
                + (agents.size() > 10 ? " and %d more".formatted(agents.size() - 10) : "");
    }
}
