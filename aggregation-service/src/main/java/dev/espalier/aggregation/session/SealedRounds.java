package dev.espalier.aggregation.session;

import dev.espalier.aggregation.combine.KeptHeads;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.Digest;
import dev.espalier.protocol.RoundId;
import dev.espalier.protocol.model.Lineage;
import dev.espalier.protocol.model.MatrixSparsity;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.data.domain.Limit;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/**
 * Sealed rounds that wait to be combined, shared by all replicas: the door for {@code publish}. A
 * round is leased, not owned, so that one whose worker died comes back by itself.
 */
@Component
public class SealedRounds {

    private static final Logger log = LoggerFactory.getLogger(SealedRounds.class);

    private final SessionRows sessions;
    private final SeatRows seats;
    private final SessionJson json;
    private final ApplicationEventPublisher events;
    private final InstantSource clock;

    SealedRounds(
            SessionRows sessions,
            SeatRows seats,
            SessionJson json,
            ApplicationEventPublisher events,
            InstantSource clock) {
        this.sessions = sessions;
        this.seats = seats;
        this.json = json;
        this.events = events;
        this.clock = clock;
    }

    /**
     * An update that counts.
     *
     * @param heads absent where no heads were pruned
     */
    public record Counted(
            AgentName agent, Digest digest, long examples, @Nullable KeptHeads heads) {}

    /**
     * A round to combine.
     *
     * @param counted in ascending order of agent
     */
    public record Work(RoundTerms terms, List<Counted> counted) {

        /**
         * Of a version that some of these updates made.
         *
         * @param sparsity of its matrices; absent: it has no mask
         */
        public Lineage lineage(List<Counted> some, @Nullable List<MatrixSparsity> sparsity) {
            return new Lineage(
                    terms.parent(),
                    terms.job(),
                    terms.round(),
                    terms.number(),
                    some.stream()
                            .map(one -> new Lineage.Contributor(one.agent(), one.examples()))
                            .toList(),
                    sparsity);
        }
    }

    /** The round that has waited longest, now leased; empty if none is due. */
    @Transactional
    public Optional<Work> lease(Duration lease) {
        return sessions.findDue(clock.instant(), Limit.of(1)).stream()
                .findFirst()
                .map(row -> {
                    become(row, sealed -> sealed.leased(clock.instant().plus(lease)));
                    return new Work(json.terms(row), counted(row.round()));
                });
    }

    /** Prolongs the lease of a round that takes long. */
    @Transactional
    public void renew(RoundId round, Duration lease) {
        change(round, sealed -> sealed.leased(clock.instant().plus(lease)));
    }

    /** The round was combined and published. Saying it again is free. */
    @Transactional
    public void published(RoundId round, Outcome outcome, double aggregationSeconds) {
        change(round, sealed -> sealed.published(outcome, aggregationSeconds));
    }

    /** Nothing will be published. */
    @Transactional
    public void voided(RoundId round, String reason) {
        change(round, sealed -> sealed.voided(reason));
    }

    /** It did not work now; it will be due again later. */
    @Transactional
    public void postponed(RoundId round) {
        change(round, sealed -> sealed.postponed(clock.instant()));
    }

    private List<Counted> counted(UUID round) {
        return seats.findByRound(round).stream().flatMap(SealedRounds::counted).toList();
    }

    private static Stream<Counted> counted(SeatRow row) {
        return row.seat() instanceof Seat.Taken taken
                ? Stream.of(counted(row.agent(), taken))
                : Stream.empty();
    }

    private static Counted counted(AgentName agent, Seat.Taken taken) {
        Figures figures = taken.figures();
        return new Counted(agent, taken.digest(), figures.examples(), figures.heads());
    }

    private void change(RoundId round, Function<Session.Sealed, Session> transition) {
        become(sessions.findToChange(round.value()).orElseThrow(), transition);
    }

    /** A round that is sealed no more was ended by someone else in the meantime; that stands. */
    private void become(SessionRow row, Function<Session.Sealed, Session> transition) {
        if (!(row.session() instanceof Session.Sealed sealed)) {
            return;
        }
        Session next = transition.apply(sealed);
        row.become(next);
        if (!(next instanceof Session.Sealed)) {
            log.info("round {} round={}", next.state(), next.round());
            events.publishEvent(new RoundEnded(next.round()));
        }
    }
}
