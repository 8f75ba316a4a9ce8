package dev.espalier.orchestrator.round;

import dev.espalier.orchestrator.heads.PlannedHeads;
import dev.espalier.orchestrator.ranks.PlannedRanks;
import dev.espalier.orchestrator.ranks.Share;
import dev.espalier.protocol.JobId;
import dev.espalier.protocol.RoundId;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.job.RoundView.Evaluation;
import dev.espalier.protocol.job.RoundView.LeftOut;
import dev.espalier.protocol.job.SelectionView;
import dev.espalier.protocol.update.RoundSessionView;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.data.domain.Limit;
import org.springframework.orm.ObjectOptimisticLockingFailureException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** Rounds as rows. */
@Component
class RoundStore {

    private static final TypeReference<List<LeftOut>> LEFT_OUT = new TypeReference<>() {};
    private static final TypeReference<List<Share>> SHARES = new TypeReference<>() {};

    private final RoundRepository rows;
    private final JsonMapper json;

    RoundStore(RoundRepository rows, JsonMapper json) {
        this.rows = rows;
        this.json = json;
    }

    /**
     * Stores a round, new or changed, and gives it back as stored.
     *
     * @throws ObjectOptimisticLockingFailureException if it was changed since it was read
     */
    @Transactional(propagation = Propagation.MANDATORY)
    public Round save(Round round) {
        RoundEntity row =
                round.stored() == Round.NEVER_STORED ? planned(round.plan()) : unchanged(round);
        write(round, row);
        return read(rows.saveAndFlush(row));
    }

    public List<Round> all(JobId job) {
        return rows.findByJobOrderByNumber(job.value()).stream().map(this::read).toList();
    }

    public Optional<Round> find(JobId job, int number) {
        return rows.findByJobAndNumber(job.value(), number).map(this::read);
    }

    /** The newest rounds, newest first. */
    public List<Round> newest(JobId job, int limit) {
        return rows.findByJobOrderByNumberDesc(job.value(), Limit.of(limit)).stream()
                .map(this::read)
                .toList();
    }

    /** The newest version that a round became, with its base. */
    public Optional<Footing> latestPublished(JobId job) {
        return rows.findLatestPublished(job.value()).stream()
                .findFirst()
                .map(row -> Footing.after(reference(row[0]), reference(row[1])));
    }

    private static VersionRef reference(Object text) {
        return VersionRef.parse((String) text);
    }

    /** How many rounds of this phase and later ones became a version. */
    public int countPublished(JobId job, int since) {
        return rows.countByJobAndPhaseGreaterThanEqualAndPublishedIsNotNull(job.value(), since);
    }

    /** The newest round of this phase and later ones that became a version. */
    public Optional<Round> latestPublished(JobId job, int since) {
        return rows.findFirstByJobAndPhaseGreaterThanEqualAndPublishedIsNotNullOrderByNumberDesc(
                        job.value(), since)
                .map(this::read);
    }

    public List<Round> cancelledWithOpenSession(JobId job) {
        return rows.findWithOpenSession(job.value(), RoundEntity.Stage.CANCELLED).stream()
                .map(this::read)
                .toList();
    }

    private RoundEntity unchanged(Round round) {
        RoundEntity row = rows.findById(round.id().value()).orElseThrow();
        if (!Objects.equals(row.version, round.stored())) {
            throw new ObjectOptimisticLockingFailureException(
                    RoundEntity.class, round.id().value());
        }
        return row;
    }

    private RoundEntity planned(RoundPlan plan) {
        RoundEntity row = new RoundEntity();
        row.id = plan.id().value();
        row.job = plan.job().value();
        row.number = plan.number();
        row.phase = plan.phase();
        row.base = plan.base().toString();
        row.parent = plan.parent().toString();
        row.denseBytes = plan.denseBytes();
        row.startedAt = plan.startedAt();
        return row;
    }

    private void write(Round round, RoundEntity row) {
        row.needed = round.plan().needed();
        row.leftOut = json.writeValueAsString(round.plan().leftOut());
        row.selection = text(round.plan().selection());
        write(round.plan().work(), row);
        row.deadline = round.deadline();
        row.sealedAt = round.sealedAt();
        row.session = text(round.session());
        VersionRef becomes = round.status().becomes();
        row.published = becomes == null ? null : becomes.toString();
        row.publishedBase = becomes == null ? null : round.baseAfter().toString();
        row.endedAt = round.status().ended();
        switch (round.status()) {
            case RoundStatus.Scoring scoring -> {
                row.stage = RoundEntity.Stage.SCORING;
                row.scoreBy = scoring.scoreBy();
            }
            case RoundStatus.Drawn drawn -> row.stage = RoundEntity.Stage.DRAWN;
            case RoundStatus.Gathering gathering -> row.stage = RoundEntity.Stage.GATHERING;
            case RoundStatus.Combining combining -> row.stage = RoundEntity.Stage.COMBINING;
            case RoundStatus.Evaluating evaluating -> {
                row.stage = RoundEntity.Stage.EVALUATING;
                row.evaluateBy = evaluating.evaluateBy();
            }
            case RoundStatus.Completed completed -> {
                row.stage = RoundEntity.Stage.COMPLETED;
                row.evaluation = text(completed.results().all());
                row.clientEvaluation = text(completed.results().ofClients());
                row.finalEvaluation = text(completed.results().last());
                row.reason = completed.reason();
            }
            case RoundStatus.Void nothing -> {
                row.stage = RoundEntity.Stage.VOID;
                row.reason = nothing.reason();
            }
            case RoundStatus.Cancelled cancelled -> {
                row.stage = RoundEntity.Stage.CANCELLED;
                row.sessionClosed = cancelled.sessionClosed();
            }
        }
    }

    private void write(PlannedWork work, RoundEntity row) {
        switch (work) {
            case PlannedWork.Tuning tuning -> {
                row.heads = text(tuning.heads());
                row.shares = tuning.shares().isEmpty() ? null : text(tuning.shares());
                row.ranks = text(tuning.ranks());
            }
            case PlannedWork.Pruning pruning -> row.pruning = text(pruning);
        }
    }

    private Round read(RoundEntity row) {
        return new Round(
                new RoundPlan(
                        new RoundId(row.id),
                        new JobId(row.job),
                        row.number,
                        row.phase,
                        VersionRef.parse(row.base),
                        VersionRef.parse(row.parent),
                        row.needed,
                        row.denseBytes,
                        json.readValue(row.leftOut, LEFT_OUT),
                        read(row.selection, SelectionView.class),
                        work(row),
                        row.startedAt),
                status(row),
                row.deadline,
                row.sealedAt,
                read(row.session, RoundSessionView.class),
                Objects.requireNonNull(row.version));
    }

    private PlannedWork work(RoundEntity row) {
        return row.pruning == null
                ? new PlannedWork.Tuning(
                        read(row.heads, PlannedHeads.class),
                        row.shares == null ? List.of() : json.readValue(row.shares, SHARES),
                        read(row.ranks, PlannedRanks.class))
                : json.readValue(row.pruning, PlannedWork.Pruning.class);
    }

    private RoundStatus status(RoundEntity row) {
        return switch (row.stage) {
            case SCORING -> new RoundStatus.Scoring(Objects.requireNonNull(row.scoreBy));
            case DRAWN -> new RoundStatus.Drawn();
            case GATHERING -> new RoundStatus.Gathering();
            case COMBINING -> new RoundStatus.Combining();
            case EVALUATING ->
                    new RoundStatus.Evaluating(
                            published(row), Objects.requireNonNull(row.evaluateBy));
            case COMPLETED ->
                    new RoundStatus.Completed(
                            published(row),
                            new Results(
                                    read(row.evaluation, Evaluation.class),
                                    read(row.clientEvaluation, Evaluation.class),
                                    read(row.finalEvaluation, Evaluation.class)),
                            row.reason,
                            ended(row));
            case VOID -> new RoundStatus.Void(Objects.requireNonNull(row.reason), ended(row));
            case CANCELLED ->
                    new RoundStatus.Cancelled(
                            row.published == null ? null : published(row),
                            ended(row),
                            row.sessionClosed);
        };
    }

    private <T> @Nullable T read(@Nullable String text, Class<T> type) {
        return text == null ? null : json.readValue(text, type);
    }

    private @Nullable String text(@Nullable Object value) {
        return value == null ? null : json.writeValueAsString(value);
    }

    private static VersionRef published(RoundEntity row) {
        return VersionRef.parse(Objects.requireNonNull(row.published));
    }

    private static Instant ended(RoundEntity row) {
        return Objects.requireNonNull(row.endedAt);
    }
}
