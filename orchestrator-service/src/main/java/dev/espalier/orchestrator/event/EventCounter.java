package dev.espalier.orchestrator.event;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.util.UUID;

/**
 * The last number given to an event of a job. Its row is locked from the moment a number is given
 * until that event is visible, so that no reader sees a number before a smaller one.
 */
@Entity
@Table(name = "event_counter")
class EventCounter {

    @Id UUID job;
    long last;

    @SuppressWarnings("NullAway.Init") // filled in by Hibernate
    protected EventCounter() {}

    EventCounter(UUID job) {
        this.job = job;
    }

    long next() {
        return ++last;
    }
}
