package dev.espalier.aggregation.session;

import dev.espalier.protocol.Digest;
import dev.espalier.protocol.problem.ProblemType;
import java.time.Instant;

/** Whether an update may come in. All of these happen on a good day. */
public sealed interface Admission {

    /** It may come, and counts once it has been checked. */
    record Welcome() implements Admission {}

    /** The same bytes count already. */
    record HeldAlready(Figures figures) implements Admission {}

    /** The same bytes were refused before, and would be again. */
    record RefusedBefore(ProblemType type, String reason) implements Admission {}

    /** Other bytes of this agent count already; they stay. */
    record Contradicts(Digest held) implements Admission {}

    /** Too late: the session is sealed or ended, or its deadline has passed. */
    record Closed(String why) implements Admission {}

    /** The decision, before a byte of the body is read and once more when all are checked. */
    static Admission of(Session session, Seat seat, Digest offered, Instant now) {
        if (seat instanceof Seat.Taken taken && taken.digest().equals(offered)) {
            return new HeldAlready(taken.figures());
        }
        if (!(session instanceof Session.Open open)) {
            return new Closed("the round is " + session.state());
        }
        if (!open.takesAt(now)) {
            return new Closed("the deadline of the round, " + open.deadline() + ", has passed");
        }
        return switch (seat) {
            case Seat.Empty() -> new Welcome();
            case Seat.Taken taken -> new Contradicts(taken.digest());
            case Seat.Refused refused ->
                    refused.digest().equals(offered)
                            ? new RefusedBefore(refused.type(), refused.reason())
                            : new Welcome();
        };
    }
}
