package dev.espalier.aggregation.session;

import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.Digest;
import dev.espalier.protocol.RoundId;
import dev.espalier.protocol.problem.ProblemType;
import dev.espalier.protocol.update.RoundSession;
import java.time.InstantSource;
import java.util.Optional;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/** Where updates are taken or refused: the door for {@code intake}. */
@Component
public class Seats {

    private final SessionRows sessions;
    private final SeatRows seats;
    private final SessionJson json;
    private final InstantSource clock;

    Seats(SessionRows sessions, SeatRows seats, SessionJson json, InstantSource clock) {
        this.sessions = sessions;
        this.seats = seats;
        this.json = json;
        this.clock = clock;
    }

    /**
     * A place in a round, as its agent comes to it.
     *
     * @param invitation empty for an agent that is not in the cohort
     */
    public record Place(RoundTerms terms, Optional<RoundSession.Invitation> invitation) {}

    /** Empty where no such round was ever opened. */
    @Transactional(readOnly = true)
    public Optional<Place> find(RoundId round, AgentName agent) {
        return sessions.findById(round.value())
                .map(row ->
                        new Place(
                                json.terms(row),
                                seats.findById(SeatKey.of(round, agent)).map(json::invitation)));
    }

    /** What has become of the agent's update so far. */
    @Transactional(readOnly = true)
    public Seat seat(RoundId round, AgentName agent) {
        return seats.findById(SeatKey.of(round, agent)).orElseThrow().seat();
    }

    /** Whether an update with this digest would be let in now. Changes nothing. */
    @Transactional(readOnly = true)
    public Admission ask(RoundId round, AgentName agent, Digest digest) {
        Session session = sessions.findById(round.value()).orElseThrow().session();
        return Admission.of(session, seat(round, agent), digest, clock.instant());
    }

    /**
     * Takes an update whose file lies safely on disk. Asks again under a lock, for the session may
     * have been sealed while the file was checked.
     */
    @Transactional
    public Admission take(RoundId round, AgentName agent, Digest digest, Figures figures) {
        SessionRow session = sessions.findToRead(round.value()).orElseThrow();
        SeatRow seat = seats.findToChange(SeatKey.of(round, agent)).orElseThrow();
        Admission answer = Admission.of(session.session(), seat.seat(), digest, clock.instant());
        if (answer instanceof Admission.Welcome) {
            seat.become(new Seat.Taken(digest, figures, clock.instant()));
        }
        return answer;
    }

    /** Records that an update was refused, unless a good one counts already or it is too late. */
    @Transactional
    public Admission refuse(
            RoundId round,
            AgentName agent,
            Digest digest,
            ProblemType type,
            String reason,
            long wireBytes) {
        SessionRow session = sessions.findToRead(round.value()).orElseThrow();
        SeatRow seat = seats.findToChange(SeatKey.of(round, agent)).orElseThrow();
        Admission answer = Admission.of(session.session(), seat.seat(), digest, clock.instant());
        if (answer instanceof Admission.Welcome) {
            seat.become(new Seat.Refused(digest, type, reason, wireBytes, clock.instant()));
        }
        return answer;
    }

    /** Whether the round's updates may still be needed. */
    @Transactional(readOnly = true)
    public boolean isLive(RoundId round) {
        return sessions.findById(round.value())
                .map(SessionRow::session)
                .filter(session ->
                        session instanceof Session.Open || session instanceof Session.Sealed)
                .isPresent();
    }
}
