package dev.espalier.orchestrator.job;

import dev.espalier.protocol.job.JobState;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import jakarta.persistence.Version;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** One job. {@code specification} and {@code structure} are JSON. */
@Entity
@Table(name = "job")
class JobEntity {

    @Id UUID id;

    @Version @Nullable Long version; // null tells Spring Data that the row is new

    @Enumerated(EnumType.STRING)
    JobState state;

    String specification;
    String base;
    String structure;
    @Nullable String idempotencyKey;
    String requestDigest;
    @Nullable String firstAdapter;
    @Nullable String merged;
    @Nullable String waitingFor;
    @Nullable String reason;
    Instant createdAt;
    @Nullable Instant endedAt;

    @SuppressWarnings("NullAway.Init") // filled in by Hibernate, or by the store
    protected JobEntity() {}
}
