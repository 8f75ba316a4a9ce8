package dev.espalier.orchestrator.assignment;

import dev.espalier.orchestrator.fleet.AgentWork;
import dev.espalier.orchestrator.signal.AfterCommit;
import dev.espalier.orchestrator.signal.Bell;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.AssignmentId;
import dev.espalier.protocol.JobId;
import dev.espalier.protocol.RoundId;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.work.Assignment;
import dev.espalier.protocol.work.Outcome;
import dev.espalier.protocol.work.Progress;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;
import tools.jackson.databind.json.JsonMapper;

/** Pieces of work as rounds see them: planned, offered, ended. */
@Component
public class Assignments implements AgentWork {

    /** The work of those who are drawn. */
    private static final List<Piece.Kind> COHORTS =
            Arrays.stream(Piece.Kind.values()).filter(Piece.Kind::makesUpdate).toList();

    private final AssignmentRepository pieces;
    private final Bell<AgentName> bell;
    private final JsonMapper json;
    private final InstantSource clock;

    Assignments(
            AssignmentRepository pieces,
            Bell<AgentName> bell,
            JsonMapper json,
            InstantSource clock) {
        this.pieces = pieces;
        this.bell = bell;
        this.json = json;
        this.clock = clock;
    }

    /** Stores work that nobody hears of before it is offered. */
    @Transactional(propagation = Propagation.MANDATORY)
    public void plan(Collection<Planned> work) {
        pieces.saveAllAndFlush(work.stream().map(this::entity).toList());
    }

    /** Gives planned work more time. */
    @Transactional(propagation = Propagation.MANDATORY)
    public void postpone(RoundId round, Instant deadline) {
        for (AssignmentEntity piece : of(round, piece -> piece.state == PieceState.PLANNED)) {
            Assignment later = Works.due(json.readValue(piece.work, Assignment.class), deadline);
            piece.work = json.writerFor(Assignment.class).writeValueAsString(later);
        }
        pieces.flush();
    }

    /** Offers all planned work of a round to its agents. */
    @Transactional(propagation = Propagation.MANDATORY)
    public void offer(RoundId round) {
        for (AssignmentEntity piece : of(round, piece -> piece.state == PieceState.PLANNED)) {
            piece.state = PieceState.OFFERED;
            piece.offeredAt = clock.instant();
            AgentName agent = new AgentName(piece.agent);
            AfterCommit.run(() -> bell.ring(agent));
        }
        pieces.flush();
    }

    @Transactional(readOnly = true)
    public List<Piece> of(RoundId round) {
        return of(round, piece -> true).stream().map(this::piece).toList();
    }

    /** In how many cohorts of a job each agent was; those in none are absent. */
    @Transactional(readOnly = true)
    public Map<AgentName, Integer> visits(JobId job) {
        Map<AgentName, Integer> visits = new HashMap<>();
        for (Object[] row : pieces.countByAgent(job.value(), COHORTS)) {
            visits.put(new AgentName((String) row[0]), Math.toIntExact((Long) row[1]));
        }
        return visits;
    }

    /** No work is wanted any more, but these agents may still say how theirs ended. */
    @Transactional(propagation = Propagation.MANDATORY)
    public void close(RoundId round, Set<AgentName> counted, String reason) {
        for (AssignmentEntity piece : of(round, AssignmentDesk::isUnsettled)) {
            if (counted.contains(new AgentName(piece.agent))) {
                piece.state = PieceState.COUNTED;
            } else {
                end(piece, reason);
            }
        }
        pieces.flush();
    }

    @Override
    @Transactional(readOnly = true)
    public Map<AgentName, Current> current() {
        Map<AgentName, Current> busy = new HashMap<>();
        for (AssignmentEntity piece :
                pieces.findByStateOrderByPlannedAtAscIdAsc(PieceState.FETCHED)) {
            busy.putIfAbsent(
                    new AgentName(piece.agent),
                    new Current(new AssignmentId(piece.id), progress(piece)));
        }
        return busy;
    }

    @Override
    @Transactional(propagation = Propagation.MANDATORY)
    public void drop(AgentName agent, String reason) {
        pieces.findByAgentAndStateIn(agent.value(), PieceState.UNSETTLED)
                .forEach(piece -> end(piece, reason));
        pieces.flush();
        AfterCommit.run(() -> bell.ring(agent));
    }

    private void end(AssignmentEntity piece, String reason) {
        piece.state = PieceState.OVER;
        piece.reason = reason;
        piece.endedAt = clock.instant();
    }

    private List<AssignmentEntity> of(RoundId round, Predicate<AssignmentEntity> wanted) {
        return pieces.findByRoundOrderByAgent(round.value()).stream().filter(wanted).toList();
    }

    private AssignmentEntity entity(Planned planned) {
        Assignment work = planned.work();
        AssignmentEntity entity =
                new AssignmentEntity(
                        work.id().value(),
                        work.job().value(),
                        work.round().value(),
                        clock.instant());
        entity.roundNumber = work.roundNumber();
        entity.agent = planned.agent().value();
        entity.kind = planned.kind();
        entity.subject = work instanceof Assignment.Evaluate e ? subject(e).toString() : "";
        entity.work = json.writerFor(Assignment.class).writeValueAsString(work);
        return entity;
    }

    private static VersionRef subject(Assignment.Evaluate work) {
        return work.adapter() == null ? work.base() : work.adapter();
    }

    private Piece piece(AssignmentEntity entity) {
        return new Piece(
                new AssignmentId(entity.id),
                new AgentName(entity.agent),
                entity.kind,
                entity.subject.isEmpty() ? null : VersionRef.parse(entity.subject),
                entity.state,
                entity.reason,
                progress(entity),
                entity.outcome == null ? null : json.readValue(entity.outcome, Outcome.class));
    }

    private @Nullable Progress progress(AssignmentEntity entity) {
        return entity.progress == null ? null : json.readValue(entity.progress, Progress.class);
    }
}
