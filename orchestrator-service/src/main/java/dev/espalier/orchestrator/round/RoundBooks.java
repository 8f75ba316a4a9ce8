package dev.espalier.orchestrator.round;

import dev.espalier.orchestrator.assignment.Assignments;
import dev.espalier.orchestrator.event.EventType;
import dev.espalier.orchestrator.event.JobEvents;
import dev.espalier.protocol.AgentName;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionOperations;

/** Where the steps of a round are written down: its row, its work, the journal, all or nothing. */
@Component
class RoundBooks {

    private static final Logger log = LoggerFactory.getLogger(RoundBooks.class);

    private final RoundStore rounds;
    private final Assignments assignments;
    private final JobEvents events;
    private final TransactionOperations transactions;
    private final InstantSource clock;

    RoundBooks(
            RoundStore rounds,
            Assignments assignments,
            JobEvents events,
            TransactionOperations transactions,
            InstantSource clock) {
        this.rounds = rounds;
        this.assignments = assignments;
        this.events = events;
        this.transactions = transactions;
        this.clock = clock;
    }

    RoundStore rounds() {
        return rounds;
    }

    Assignments assignments() {
        return assignments;
    }

    Instant now() {
        return clock.instant();
    }

    void atomically(Runnable writing) {
        transactions.executeWithoutResult(status -> writing.run());
    }

    /**
     * Stores a round that has ended: its work is over but for those whose update counts.
     *
     * @param left what those are told who come too late
     */
    void end(Round round, Set<AgentName> counted, String left) {
        rounds.save(round);
        assignments.close(round.id(), counted, left);
        events.forgetProgress(round.job());
    }

    /** Within a transaction, and last in it. */
    void tell(Round round, EventType type, String message, Map<String, ?> data) {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("round", round.number());
        all.putAll(data);
        log.info("{} job={} round={} {}", type.wireName(), round.job(), round.number(), data);
        events.append(round.job(), type, message, all);
    }
}
