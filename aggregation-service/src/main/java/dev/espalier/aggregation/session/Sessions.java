package dev.espalier.aggregation.session;

import dev.espalier.aggregation.neighbour.ModelRegistry;
import dev.espalier.problem.ProblemException;
import dev.espalier.protocol.RoundId;
import dev.espalier.protocol.problem.ProblemType;
import dev.espalier.protocol.update.RoundSession;
import dev.espalier.protocol.update.RoundSessionView;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/** Opens, shows, seals and cancels rounds, as the orchestrator asks. Each is free to ask again. */
@Component
class Sessions {

    private static final Logger log = LoggerFactory.getLogger(Sessions.class);

    private final SessionRows sessions;
    private final SeatRows seats;
    private final SessionJson json;
    private final ModelRegistry registry;
    private final TransactionTemplate transaction;
    private final ApplicationEventPublisher events;
    private final InstantSource clock;

    Sessions(
            SessionRows sessions,
            SeatRows seats,
            SessionJson json,
            ModelRegistry registry,
            TransactionTemplate transaction,
            ApplicationEventPublisher events,
            InstantSource clock) {
        this.sessions = sessions;
        this.seats = seats;
        this.json = json;
        this.registry = registry;
        this.transaction = transaction;
        this.events = events;
        this.clock = clock;
    }

    /**
     * @param created false where the same session was open before
     */
    record Opening(boolean created, RoundSessionView view) {}

    Opening open(RoundSession asked) {
        return held(asked).orElseGet(() -> openNew(asked));
    }

    Optional<RoundSessionView> view(RoundId round) {
        return transaction.execute(status ->
                sessions.findById(round.value())
                        .map(row -> RoundViews.view(row, seats.findByRound(row.round()))));
    }

    /** After this no update comes in any more; what is combined is decided. */
    Optional<RoundSessionView> seal(RoundId round) {
        return change(
                round,
                session ->
                        switch (session) {
                            case Session.Open open -> open.seal(clock.instant());
                            case Session.Sealed _, Session.Published _, Session.Voided _ -> session;
                            case Session.Cancelled _ ->
                                    throw contradiction("the round was cancelled");
                        });
    }

    /** Deletes what came, and publishes nothing. */
    Optional<RoundSessionView> cancel(RoundId round) {
        return change(
                round,
                session ->
                        switch (session) {
                            case Session.Open open -> open.cancel();
                            case Session.Sealed sealed -> sealed.cancel();
                            case Session.Cancelled _, Session.Voided _ -> session;
                            case Session.Published done ->
                                    throw contradiction("the round is " + done.outcome().version());
                        });
    }

    private Optional<Opening> held(RoundSession asked) {
        return transaction.execute(status ->
                sessions.findById(asked.round().value())
                        .map(row -> again(row, seats.findByRound(row.round()), asked)));
    }

    private Opening again(SessionRow row, List<SeatRow> cohort, RoundSession asked) {
        if (!json.same(row, cohort, asked)) {
            throw contradiction("round " + asked.round() + " was opened with other content");
        }
        return new Opening(false, RoundViews.view(row, cohort));
    }

    /** Asks the registry first, since no transaction stays open while a neighbour is called. */
    private Opening openNew(RoundSession asked) {
        SessionFit.require(asked, registry.version(asked.base()), registry.version(asked.parent()));
        try {
            Opening opening = new Opening(true, transaction.execute(status -> store(asked)));
            log.info(
                    "round opened round={} job={} number={} cohort={} deadline={}",
                    asked.round(),
                    asked.job(),
                    asked.number(),
                    asked.cohort().size(),
                    asked.deadline());
            return opening;
        } catch (DataIntegrityViolationException openedMeanwhile) {
            return held(asked).orElseThrow(() -> openedMeanwhile);
        }
    }

    private RoundSessionView store(RoundSession asked) {
        RoundTerms terms = RoundTerms.of(asked);
        SessionRow row = sessions.save(json.row(terms, clock.instant()));
        List<SeatRow> cohort =
                RoundTerms.cohort(asked).stream()
                        .map(invitation -> seats.save(json.row(terms, invitation)))
                        .toList();
        return RoundViews.view(row, cohort);
    }

    @FunctionalInterface
    private interface Transition {
        Session from(Session session);
    }

    private Optional<RoundSessionView> change(RoundId round, Transition transition) {
        return transaction.execute(status ->
                sessions.findToChange(round.value())
                        .map(row -> {
                            Session before = row.session();
                            Session after = transition.from(before);
                            if (!after.equals(before)) {
                                row.become(after);
                                announce(after);
                            }
                            return RoundViews.view(row, seats.findByRound(row.round()));
                        }));
    }

    private void announce(Session session) {
        log.info("round {} round={}", session.state(), session.round());
        if (session instanceof Session.Sealed) {
            events.publishEvent(new RoundSealed(session.round()));
        }
        if (session instanceof Session.Cancelled) {
            events.publishEvent(new RoundEnded(session.round()));
        }
    }

    private static ProblemException contradiction(String detail) {
        return new ProblemException(ProblemType.CONTRADICTS_EARLIER_REQUEST, detail);
    }
}
