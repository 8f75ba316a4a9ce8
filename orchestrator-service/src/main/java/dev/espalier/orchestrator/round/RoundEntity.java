package dev.espalier.orchestrator.round;

import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import jakarta.persistence.Version;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One round. {@code leftOut}, {@code selection}, {@code heads}, {@code shares}, {@code ranks},
 * {@code pruning}, {@code session} and the evaluations are JSON.
 */
@Entity
@Table(name = "round")
class RoundEntity {

    /** {@link RoundStatus}, one to one. */
    enum Stage {
        SCORING,
        DRAWN,
        GATHERING,
        COMBINING,
        EVALUATING,
        COMPLETED,
        VOID,
        CANCELLED
    }

    @Id UUID id;

    @Version @Nullable Long version; // null tells Spring Data that the row is new

    UUID job;
    int number;
    int phase;

    @Enumerated(EnumType.STRING)
    Stage stage;

    String base;
    String parent;
    int needed;
    long denseBytes;
    String leftOut;
    @Nullable String selection;
    @Nullable String heads;
    @Nullable String shares;
    @Nullable String ranks;
    @Nullable String pruning;
    @Nullable Instant scoreBy;
    Instant startedAt;
    Instant deadline;
    @Nullable Instant sealedAt;
    @Nullable String session;
    @Nullable String published;
    @Nullable String publishedBase;
    @Nullable Instant evaluateBy;
    @Nullable String evaluation;
    @Nullable String clientEvaluation;
    @Nullable String finalEvaluation;
    @Nullable String reason;
    @Nullable Instant endedAt;
    boolean sessionClosed;

    @SuppressWarnings("NullAway.Init") // filled in by Hibernate, or by the store
    protected RoundEntity() {}
}
