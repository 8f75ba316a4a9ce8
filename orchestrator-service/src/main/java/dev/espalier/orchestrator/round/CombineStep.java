package dev.espalier.orchestrator.round;

import dev.espalier.orchestrator.event.EventType;
import dev.espalier.orchestrator.neighbour.Aggregation;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.model.MatrixSparsity;
import dev.espalier.protocol.update.RoundSessionView;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
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
        boolean wanted = !order.exams().isEmpty();
        Round next =
                round.published(version, wanted ? now.plus(order.work().deadline()) : null, now);
        books.atomically(() -> {
            if (wanted) {
                books.rounds().save(next);
            } else {
                books.end(next, Set.of(), "the round is complete");
            }
            tell(next, Examined.of(next), view);
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

    private void tell(Round round, List<Examined> became, RoundSessionView view) {
        List<String> versions = became.stream().map(one -> one.version().toString()).toList();
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("version", versions.getFirst());
        data.put("base", round.baseAfter().toString());
        data.put("aggregationSeconds", view.aggregationSeconds());
        if (versions.size() > 1) {
            data.put("versions", versions);
        }
        if (view.matrices() != null) {
            data.put("sparsity", MatrixSparsity.ofAll(view.matrices()));
        }
        books.tell(
                round,
                EventType.VERSION_PUBLISHED,
                "round %d became %s".formatted(round.number(), String.join(", ", versions)),
                data);
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
