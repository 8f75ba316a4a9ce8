package dev.espalier.agent.work;

import dev.espalier.agent.data.DataRoom;
import dev.espalier.agent.data.PrivateData;
import dev.espalier.agent.journal.Journal;
import dev.espalier.agent.journal.Page;
import dev.espalier.agent.poll.Heartbeat;
import dev.espalier.agent.poll.Work;
import dev.espalier.protocol.job.TaskKind;
import dev.espalier.protocol.work.Assignment;
import dev.espalier.protocol.work.Outcome;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where one agent does its assignments. */
public final class Workbench implements Work {

    private static final Logger log = LoggerFactory.getLogger(Workbench.class);

    private final DataRoom room;
    private final Journal journal;
    private final TrainingWork training;
    private final PruningWork pruning;
    private final EvaluationWork evaluation;
    private final ScoringWork scoring;

    public Workbench(
            DataRoom room,
            Journal journal,
            TrainingWork training,
            PruningWork pruning,
            EvaluationWork evaluation,
            ScoringWork scoring) {
        this.room = room;
        this.journal = journal;
        this.training = training;
        this.pruning = pruning;
        this.evaluation = evaluation;
        this.scoring = scoring;
    }

    @Override
    public Optional<Outcome> perform(Assignment assignment, Heartbeat heartbeat)
            throws IOException, InterruptedException {
        Page page = journal.page(assignment.id());
        try {
            PrivateData data = data(assignment);
            return switch (assignment) {
                case Assignment.Train train -> training.perform(train, data, page, heartbeat);
                case Assignment.Prune prune -> pruning.perform(prune, data, page, heartbeat);
                case Assignment.Evaluate evaluate ->
                        evaluation.perform(evaluate, data, page, heartbeat);
                case Assignment.Score score -> scoring.perform(score, data, page, heartbeat);
            };
        } catch (IOException | RuntimeException failure) {
            if (Thread.interrupted() || failure instanceof ClosedByInterruptException) {
                throw new InterruptedException("shutting down");
            }
            return Optional.of(failed(assignment, page, failure));
        }
    }

    private PrivateData data(Assignment assignment) {
        PrivateData data =
                room.find(assignment.data())
                        .orElseThrow(() ->
                                new CannotDoException(
                                        "this agent has no data named " + assignment.data()));
        TaskKind offered = data.offer().task();
        if (offered != assignment.task().kind()) {
            throw new CannotDoException(
                    "data '%s' of this agent is for %s".formatted(data.name(), offered));
        }
        return data;
    }

    private static Outcome failed(Assignment assignment, Page page, Exception failure) {
        String reason = Failures.reason(failure);
        if (Failures.explained(failure).isPresent()) {
            log.warn("assignment failed assignment={} reason={}", assignment.id(), reason);
        } else {
            log.error(
                    "assignment failed assignment={} trace={}",
                    assignment.id(),
                    Failures.trace(failure));
        }
        Page.Notes notes = page.notes();
        return new Outcome.Failed(reason, notes.bytesDown(), notes.baseBytesDown());
    }
}
