package dev.espalier.orchestrator.fleet;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import jakarta.persistence.Version;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** One enrolled agent. */
@Entity
@Table(name = "agent")
class AgentEntity {

    @Id String name;

    @Version @Nullable Long version; // null tells Spring Data that the row is new

    String secretHash;
    String capabilities;
    Instant enrolledAt;
    Instant lastSeen;

    @SuppressWarnings("NullAway.Init") // filled in by Hibernate
    protected AgentEntity() {}

    AgentEntity(String name, String secretHash, String capabilities, Instant now) {
        this.name = name;
        this.secretHash = secretHash;
        this.capabilities = capabilities;
        this.enrolledAt = now;
        this.lastSeen = now;
    }
}
