package dev.espalier.orchestrator.round;

import dev.espalier.orchestrator.event.EventType;
import dev.espalier.orchestrator.neighbour.Aggregation;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.update.RoundSessionView;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import org.springframework.stereotype.Component;

/** Has the round combined, and waits for its version. */
@Component
class CombineStep {

    private final RoundBooks books;
    private final Aggregation aggregation;

    CombineStep(RoundBooks books, Aggregation aggregation) {
        this.books = books;
        this.aggregation = aggregation;
    }

    Turn run(Round round, RoundOrder order) {
        RoundSessionView view = aggregation.seal(round.id()); // again and again; it changes nothing
        return switch (view.state()) {
            case OPEN, SEALED -> new Turn.Waits(null);
            case PUBLISHED -> published(round.having(view), order, view);
            case VOID, CANCELLED -> nothing(round.having(view), view);
        };
    }

    private Turn published(Round round, RoundOrder order, RoundSessionView view) {
        VersionRef version = view.published();
        if (version == null) {
            return new Turn.Waits("the aggregation service does not name the version it published");
        }
        Instant now = books.now();
        boolean wanted = order.evaluateOn() != null;
        Round next =
                round.published(version, wanted ? now.plus(order.work().deadline()) : null, now);
        books.atomically(() -> {
            if (wanted) {
                books.rounds().save(next);
            } else {
                books.end(next, Set.of(), "the round is complete");
            }
            books.tell(
                    next,
                    EventType.VERSION_PUBLISHED,
                    "round %d became %s".formatted(round.number(), version),
                    Map.of(
                            "version", version.toString(),
                            "base", next.baseAfter().toString(),
                            "aggregationSeconds", view.aggregationSeconds()));
            if (!wanted) {
                books.tell(
                        next,
                        EventType.ROUND_COMPLETED,
                        "round %d is complete".formatted(round.number()),
                        Map.of("version", version.toString()));
            }
        });
        return new Turn.Moved();
    }

    private Turn nothing(Round round, RoundSessionView view) {
        String reason = view.reason() == null ? "no update counted" : String.valueOf(view.reason());
        Round nothing = round.voided(reason, books.now());
        books.atomically(() -> {
            books.end(nothing, Set.of(), "the round published nothing");
            books.tell(
                    nothing,
                    EventType.ROUND_VOID,
                    "round %d published nothing: %s".formatted(round.number(), reason),
                    Map.of("reason", reason));
        });
        return new Turn.Moved();
    }
}
