package dev.espalier.orchestrator.event;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.IdClass;
import jakarta.persistence.PostLoad;
import jakarta.persistence.PostPersist;
import jakarta.persistence.Table;
import jakarta.persistence.Transient;
import java.io.Serializable;
import java.time.Instant;
import java.util.UUID;
import org.springframework.data.domain.Persistable;

/** One stored event. */
@Entity
@Table(name = "job_event")
@IdClass(EventEntity.Key.class)
class EventEntity implements Persistable<EventEntity.Key> {

    @Id UUID job;
    @Id long sequence;
    Instant at;
    String type;
    String message;
    String data;
    @Transient private boolean stored;

    @SuppressWarnings("NullAway.Init") // filled in by Hibernate
    protected EventEntity() {}

    EventEntity(Key key, Instant at, String type, String message, String data) {
        this.job = key.job();
        this.sequence = key.sequence();
        this.at = at;
        this.type = type;
        this.message = message;
        this.data = data;
    }

    record Key(UUID job, long sequence) implements Serializable {}

    @Override
    public Key getId() {
        return new Key(job, sequence);
    }

    @Override
    public boolean isNew() {
        return !stored;
    }

    @PostLoad
    @PostPersist
    void markStored() {
        stored = true;
    }
}
