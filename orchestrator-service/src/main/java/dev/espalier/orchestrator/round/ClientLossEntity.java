package dev.espalier.orchestrator.round;

import jakarta.persistence.Embeddable;
import jakarta.persistence.EmbeddedId;
import jakarta.persistence.Entity;
import jakarta.persistence.Table;
import jakarta.persistence.Version;
import java.io.Serializable;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What one agent measured last for one job. */
@Entity
@Table(name = "client_loss")
class ClientLossEntity {

    /** An agent in a job. */
    @Embeddable
    record Key(UUID job, String agent) implements Serializable {}

    @EmbeddedId Key key;

    @Version @Nullable Long version; // null tells Spring Data that the row is new

    int round;
    double globalLoss;
    @Nullable Double ownLoss;

    @SuppressWarnings("NullAway.Init") // filled in by Hibernate
    protected ClientLossEntity() {}

    ClientLossEntity(Key key) {
        this.key = key;
    }
}
