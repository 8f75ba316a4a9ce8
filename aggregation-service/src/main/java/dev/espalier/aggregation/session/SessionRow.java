package dev.espalier.aggregation.session;

import dev.espalier.protocol.RoundId;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.model.MatrixSparsity;
import dev.espalier.protocol.update.RoundSessionView;
import dev.espalier.protocol.update.RoundSessionView.BlockHeads;
import dev.espalier.protocol.update.RoundSessionView.ModuleComponents;
import dev.espalier.protocol.update.RoundSessionView.OwnVersion;
import jakarta.persistence.Column;
import jakarta.persistence.Convert;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import jakarta.persistence.Version;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A {@link Session} as it lies in the database; decides nothing. */
@Entity
@Table(name = "round_session")
class SessionRow {

    @Id private UUID round;
    private String terms;

    @Enumerated(EnumType.STRING)
    private RoundSessionView.State state;

    private Instant deadline;
    private int failures;
    private @Nullable Instant dueAt;
    private @Nullable String published;
    private double aggregationSeconds;

    @Convert(converter = BlockHeadsColumn.class)
    private @Nullable List<BlockHeads> heads;

    private @Nullable String publishedBase;

    @Convert(converter = ModuleComponentsColumn.class)
    private @Nullable List<ModuleComponents> components;

    @Convert(converter = OwnVersionsColumn.class)
    private @Nullable List<OwnVersion> standalone;

    @Convert(converter = MatrixSparsityColumn.class)
    private @Nullable List<MatrixSparsity> matrices;

    @Column(length = 2000)
    private @Nullable String reason;

    @SuppressWarnings("UnusedVariable") // for people who look into the table
    private Instant openedAt;

    @Version private @Nullable Long version;

    @SuppressWarnings("NullAway.Init") // filled by Hibernate
    protected SessionRow() {}

    SessionRow(RoundTerms terms, String termsJson, Instant openedAt) {
        this.round = terms.round().value();
        this.terms = termsJson;
        this.state = RoundSessionView.State.OPEN;
        this.deadline = terms.deadline();
        this.openedAt = openedAt;
    }

    UUID round() {
        return round;
    }

    String terms() {
        return terms;
    }

    double aggregationSeconds() {
        return aggregationSeconds;
    }

    Session session() {
        RoundId id = new RoundId(round);
        return switch (state) {
            case OPEN -> new Session.Open(id, deadline);
            case SEALED -> new Session.Sealed(id, failures, Objects.requireNonNull(dueAt));
            case PUBLISHED -> new Session.Published(id, outcome(), aggregationSeconds);
            case VOID -> new Session.Voided(id, Objects.requireNonNull(reason));
            case CANCELLED -> new Session.Cancelled(id);
        };
    }

    private Outcome outcome() {
        return new Outcome(
                VersionRef.parse(Objects.requireNonNull(published)),
                publishedBase == null ? null : VersionRef.parse(publishedBase),
                heads,
                components,
                standalone,
                matrices);
    }

    private void keep(Outcome outcome) {
        published = outcome.version().toString();
        publishedBase = outcome.base() == null ? null : outcome.base().toString();
        heads = outcome.heads();
        components = outcome.components();
        standalone = outcome.standalone();
        matrices = outcome.matrices();
    }

    void become(Session next) {
        state = next.state();
        dueAt = null;
        switch (next) {
            case Session.Open open -> deadline = open.deadline();
            case Session.Sealed sealed -> {
                failures = sealed.failures();
                dueAt = sealed.dueAt();
            }
            case Session.Published done -> {
                keep(done.outcome());
                aggregationSeconds = done.aggregationSeconds();
            }
            case Session.Voided none -> reason = none.reason();
            case Session.Cancelled none -> {}
        }
    }
}
