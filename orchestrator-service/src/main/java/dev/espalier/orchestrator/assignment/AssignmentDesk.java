package dev.espalier.orchestrator.assignment;

import static java.util.Objects.requireNonNull;

import dev.espalier.orchestrator.event.EventType;
import dev.espalier.orchestrator.event.JobEvents;
import dev.espalier.orchestrator.signal.JobAlarm;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.AssignmentId;
import dev.espalier.protocol.JobId;
import dev.espalier.protocol.work.Assignment;
import dev.espalier.protocol.work.Directive;
import dev.espalier.protocol.work.Outcome;
import dev.espalier.protocol.work.Progress;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.OptimisticLockingFailureException;
import org.springframework.data.domain.Limit;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionOperations;
import tools.jackson.databind.json.JsonMapper;

/** Where agents fetch their work, tell how it goes, and say how it ended. */
@Component
class AssignmentDesk {

    private static final Logger log = LoggerFactory.getLogger(AssignmentDesk.class);

    private final AssignmentRepository pieces;
    private final JobEvents events;
    private final JobAlarm alarm;
    private final UploadTokens tokens;
    private final JsonMapper json;
    private final InstantSource clock;
    private final WorkProperties properties;
    private final TransactionOperations transactions;
    private final Timer pickup;

    AssignmentDesk(
            AssignmentRepository pieces,
            JobEvents events,
            JobAlarm alarm,
            UploadTokens tokens,
            JsonMapper json,
            InstantSource clock,
            WorkProperties properties,
            TransactionOperations transactions,
            MeterRegistry meters) {
        this.pieces = pieces;
        this.events = events;
        this.alarm = alarm;
        this.tokens = tokens;
        this.json = json;
        this.clock = clock;
        this.properties = properties;
        this.transactions = transactions;
        this.pickup =
                Timer.builder("espalier.work.pickup")
                        .description("from the offer of a piece of work until its agent has it")
                        .publishPercentileHistogram()
                        .register(meters);
    }

    static boolean isUnsettled(AssignmentEntity piece) {
        return PieceState.UNSETTLED.contains(piece.state);
    }

    /** The agent's oldest unfinished work; again and again until it is finished. */
    Optional<Assignment> fetch(AgentName agent) {
        return stored(() ->
                pieces
                        .findByAgentAndStateInOrderByPlannedAtAscIdAsc(
                                agent.value(), PieceState.AT_WORK, Limit.of(1))
                        .stream()
                        .findFirst()
                        .map(this::handOut));
    }

    private Assignment handOut(AssignmentEntity piece) {
        if (piece.state == PieceState.OFFERED) {
            piece.state = PieceState.FETCHED;
            piece.fetchedAt = clock.instant();
            pieces.flush();
            pickup.record(Duration.between(requireNonNull(piece.offeredAt), piece.fetchedAt));
            log.info("assignment fetched assignment={} agent={}", piece.id, piece.agent);
            events.append(
                    new JobId(piece.job),
                    EventType.ASSIGNMENT_FETCHED,
                    "agent %s fetched its work for round %d"
                            .formatted(piece.agent, piece.roundNumber),
                    naming(piece, Map.of("kind", piece.kind.name())));
        }
        return Works.withToken(json.readValue(piece.work, Assignment.class), tokens);
    }

    /** The progress of one piece is stored; the journal takes only some of it. */
    Optional<Directive> report(AgentName agent, AssignmentId id, Progress progress) {
        return stored(() ->
                pieces.findByIdAndAgent(id.value(), agent.value())
                        .map(piece -> report(piece, progress)));
    }

    private Directive report(AssignmentEntity piece, Progress told) {
        Progress progress = finite(told);
        int stored = pieces.report(piece.id, json.writeValueAsString(progress), PieceState.AT_WORK);
        if (stored == 0) {
            return new Directive(Directive.Action.STOP, whyStop(piece));
        }
        Instant now = clock.instant();
        if (pieces.mayTell(piece.id, now, now.minus(properties.progressEvery())) == 1) {
            tell(piece, progress);
        }
        return new Directive(Directive.Action.CONTINUE, null);
    }

    /** A loss that has run away is no number that JSON could carry. */
    private static Progress finite(Progress told) {
        Double loss = told.loss();
        return loss == null || Double.isFinite(loss)
                ? told
                : new Progress(
                        told.stage(),
                        told.step(),
                        told.steps(),
                        null,
                        told.examplesPerSecond(),
                        told.etaSeconds());
    }

    private static String whyStop(AssignmentEntity piece) {
        return switch (piece.state) {
            case OVER -> String.valueOf(piece.reason);
            case DONE -> "you have said already how it ended";
            case COUNTED, PLANNED, OFFERED, FETCHED -> "the round takes no more work";
        };
    }

    private void tell(AssignmentEntity piece, Progress progress) {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("stage", progress.stage().name());
        data.put("step", progress.step());
        data.put("steps", progress.steps());
        putIfKnown(data, "loss", progress.loss());
        putIfKnown(data, "examplesPerSecond", progress.examplesPerSecond());
        putIfKnown(data, "etaSeconds", progress.etaSeconds());
        events.append(
                new JobId(piece.job),
                EventType.CLIENT_PROGRESS,
                "agent %s: %s %d/%d"
                        .formatted(
                                piece.agent, progress.stage(), progress.step(), progress.steps()),
                naming(piece, data));
    }

    private static void putIfKnown(Map<String, Object> data, String name, @Nullable Object value) {
        if (value != null) {
            data.put(name, value);
        }
    }

    /** How a piece ended. Saying it again is free; the job takes its next step at once. */
    Receipt finish(AgentName agent, AssignmentId id, Outcome outcome) {
        Receipt receipt =
                stored(() ->
                        pieces.findByIdAndAgent(id.value(), agent.value())
                                .map(piece -> finish(piece, outcome))
                                .orElseGet(Receipt.Unknown::new));
        if (receipt instanceof Receipt.Taken taken) {
            alarm.wake(taken.job());
        }
        return receipt;
    }

    private Receipt finish(AssignmentEntity piece, Outcome outcome) {
        if (!fits(piece.kind, outcome)) {
            return new Receipt.WrongKind(piece.kind);
        }
        String told = json.writerFor(Outcome.class).writeValueAsString(outcome);
        return switch (piece.state) {
            case DONE ->
                    told.equals(piece.outcome)
                            ? new Receipt.Taken(new JobId(piece.job))
                            : new Receipt.Contradicts();
            case OVER -> new Receipt.Over(String.valueOf(piece.reason));
            case PLANNED -> new Receipt.Unknown();
            case OFFERED, FETCHED, COUNTED -> take(piece, outcome, told);
        };
    }

    private Receipt take(AssignmentEntity piece, Outcome outcome, String told) {
        boolean countsAnyway = piece.state == PieceState.COUNTED;
        piece.state = PieceState.DONE;
        piece.outcome = told;
        piece.endedAt = clock.instant();
        pieces.flush();
        log.info(
                "assignment ended assignment={} agent={} outcome={}",
                piece.id,
                piece.agent,
                outcome.getClass().getSimpleName());
        JobId job = new JobId(piece.job);
        if (outcome instanceof Outcome.Failed failed && !countsAnyway) {
            events.append(
                    job,
                    EventType.CLIENT_FAILED,
                    "agent %s failed: %s".formatted(piece.agent, failed.reason()),
                    naming(piece, Map.of("reason", failed.reason())));
        }
        return new Receipt.Taken(job);
    }

    private static boolean fits(Piece.Kind kind, Outcome outcome) {
        return switch (outcome) {
            case Outcome.Trained trained -> kind == Piece.Kind.TRAIN;
            case Outcome.Pruned pruned -> kind == Piece.Kind.PRUNE;
            case Outcome.Evaluated evaluated -> kind.isEvaluation();
            case Outcome.Scored scored -> kind == Piece.Kind.SCORE;
            case Outcome.Failed failed -> true;
        };
    }

    private static Map<String, Object> naming(AssignmentEntity piece, Map<String, ?> data) {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("agent", piece.agent);
        all.put("round", piece.roundNumber);
        all.putAll(data);
        return all;
    }

    private <T> T stored(Supplier<T> change) {
        try {
            return transactions.execute(status -> change.get());
        } catch (OptimisticLockingFailureException changedMeanwhile) {
            return transactions.execute(status -> change.get());
        }
    }
}
