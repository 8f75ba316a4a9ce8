package dev.espalier.orchestrator.assignment;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;

/** The one key under which upload tokens are made, where none is configured. */
@Entity
@Table(name = "token_key")
class TokenKeyEntity {

    static final int ONLY = 1;

    @Id int id = ONLY;
    byte[] secret;

    @SuppressWarnings("NullAway.Init") // filled in by Hibernate
    protected TokenKeyEntity() {}
}
