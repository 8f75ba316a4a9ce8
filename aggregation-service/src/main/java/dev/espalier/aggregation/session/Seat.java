package dev.espalier.aggregation.session;

import dev.espalier.protocol.Digest;
import dev.espalier.protocol.problem.ProblemType;
import java.time.Instant;

/**
 * One agent's place in a round, always in exactly one of three states.
 *
 * <pre>
 * Empty --good update--> Taken
 *   |                      ^
 *   +--bad update--> Refused --good update
 *                      | ^
 *                      +-+ another bad update
 * </pre>
 *
 * <p>The first good update wins. A bad one may be followed by a corrected one as long as the
 * session is open: the agent that made a mistake is the one that can mend it, and nothing of the
 * bad update has counted.
 */
public sealed interface Seat {

    /** Nothing came yet. */
    record Empty() implements Seat {}

    /**
     * What came was refused whole, and does not count.
     *
     * @param wireBytes size of the file
     */
    record Refused(Digest digest, ProblemType type, String reason, long wireBytes, Instant at)
            implements Seat {}

    /** This update counts, and its file is kept until the session ends. */
    record Taken(Digest digest, Figures figures, Instant at) implements Seat {}
}
