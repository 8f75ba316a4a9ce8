package dev.espalier.aggregation.session;

import dev.espalier.aggregation.combine.KeptHeads;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.Digest;
import dev.espalier.protocol.RoundId;
import dev.espalier.protocol.problem.ProblemType;
import dev.espalier.protocol.update.RoundSessionView.UpdateState;
import jakarta.persistence.Column;
import jakarta.persistence.Convert;
import jakarta.persistence.EmbeddedId;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Table;
import jakarta.persistence.Version;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** An invitation and its {@link Seat} as they lie in the database; decides nothing. */
@Entity
@Table(name = "seat")
class SeatRow {

    @EmbeddedId private SeatKey key;
    private String tokenHash;
    private String scope;
    private @Nullable String allowance;
    private @Nullable String upload;

    @Enumerated(EnumType.STRING)
    private UpdateState state;

    private @Nullable String digest;

    @Enumerated(EnumType.STRING)
    private @Nullable ProblemType problem;

    @Column(length = 2000)
    private @Nullable String reason;

    private @Nullable Instant receivedAt;
    private long examples;
    private int steps;
    private @Nullable Double lossBefore;
    private @Nullable Double lossAfter;
    private double trainSeconds;
    private @Nullable Double changeNorm;
    private long bytesUp;
    private long taskHeadBytesUp;
    private long wireBytesUp;

    @Convert(converter = KeptHeadsColumn.class)
    private @Nullable KeptHeads keptHeads;

    private @Nullable Integer keptComponents;
    private @Nullable Double quantisationError;
    private @Nullable Integer layers;
    private @Nullable Double sparsity;

    @Version private @Nullable Long version;

    @SuppressWarnings("NullAway.Init") // filled by Hibernate
    protected SeatRow() {}

    SeatRow(
            RoundId round,
            AgentName agent,
            Digest tokenHash,
            String scopeJson,
            @Nullable String allowanceJson,
            @Nullable String uploadJson) {
        this.key = SeatKey.of(round, agent);
        this.tokenHash = tokenHash.hex();
        this.scope = scopeJson;
        this.allowance = allowanceJson;
        this.upload = uploadJson;
        this.state = UpdateState.MISSING;
    }

    AgentName agent() {
        return new AgentName(key.agent());
    }

    Digest tokenHash() {
        return new Digest(tokenHash);
    }

    String scope() {
        return scope;
    }

    /** Null where all heads are in scope. */
    @Nullable String allowance() {
        return allowance;
    }

    /** Null where values come in f32. */
    @Nullable String upload() {
        return upload;
    }

    Seat seat() {
        return switch (state) {
            case MISSING -> new Seat.Empty();
            case REJECTED ->
                    new Seat.Refused(
                            digest(),
                            Objects.requireNonNull(problem),
                            Objects.requireNonNull(reason),
                            wireBytesUp,
                            receivedAt());
            case ACCEPTED -> new Seat.Taken(digest(), figures(), receivedAt());
        };
    }

    void become(Seat next) {
        switch (next) {
            case Seat.Empty() -> state = UpdateState.MISSING;
            case Seat.Refused refused -> refuse(refused);
            case Seat.Taken taken -> take(taken);
        }
    }

    private void refuse(Seat.Refused refused) {
        state = UpdateState.REJECTED;
        digest = refused.digest().hex();
        problem = refused.type();
        reason = refused.reason();
        wireBytesUp = refused.wireBytes();
        receivedAt = refused.at();
    }

    private void take(Seat.Taken taken) {
        Figures figures = taken.figures();
        state = UpdateState.ACCEPTED;
        digest = taken.digest().hex();
        problem = null;
        reason = null;
        receivedAt = taken.at();
        examples = figures.examples();
        steps = figures.steps();
        lossBefore = figures.lossBefore();
        lossAfter = figures.lossAfter();
        trainSeconds = figures.trainSeconds();
        changeNorm = figures.changeNorm();
        bytesUp = figures.bytesUp();
        taskHeadBytesUp = figures.taskHeadBytesUp();
        wireBytesUp = figures.wireBytesUp();
        keptHeads = figures.heads();
        keptComponents = figures.keptComponents();
        quantisationError = figures.quantisationError();
        Figures.Pruned pruned = figures.pruned();
        layers = pruned == null ? null : pruned.layers();
        sparsity = pruned == null ? null : pruned.sparsity();
    }

    private Figures figures() {
        return new Figures(
                examples,
                steps,
                lossBefore,
                lossAfter,
                trainSeconds,
                changeNorm,
                bytesUp,
                taskHeadBytesUp,
                wireBytesUp,
                keptHeads,
                keptComponents,
                quantisationError,
                layers == null
                        ? null
                        : new Figures.Pruned(layers, Objects.requireNonNull(sparsity)));
    }

    private Digest digest() {
        return new Digest(Objects.requireNonNull(digest));
    }

    private Instant receivedAt() {
        return Objects.requireNonNull(receivedAt);
    }
}
