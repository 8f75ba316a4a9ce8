package dev.espalier.orchestrator.assignment;

import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import jakarta.persistence.Version;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** One piece of work. {@code work}, {@code progress} and {@code outcome} are JSON. */
@Entity
@Table(name = "assignment")
class AssignmentEntity {

    @Id UUID id;

    @Version @Nullable Long version; // null tells Spring Data that the row is new

    UUID job;
    UUID round;
    int roundNumber;
    String agent;

    @Enumerated(EnumType.STRING)
    Piece.Kind kind;

    /** The version that an evaluation is of; empty for other work. */
    String subject;

    @Enumerated(EnumType.STRING)
    PieceState state;

    String work;
    @Nullable String reason;
    @Nullable String progress;
    @Nullable Instant progressTold;
    @Nullable String outcome;
    Instant plannedAt;
    @Nullable Instant offeredAt;
    @Nullable Instant fetchedAt;
    @Nullable Instant endedAt;

    @SuppressWarnings("NullAway.Init") // filled in by Hibernate
    protected AssignmentEntity() {}

    @SuppressWarnings("NullAway.Init")
    AssignmentEntity(UUID id, UUID job, UUID round, Instant plannedAt) {
        this.id = id;
        this.job = job;
        this.round = round;
        this.plannedAt = plannedAt;
        this.state = PieceState.PLANNED;
    }
}
