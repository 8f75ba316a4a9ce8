package dev.espalier.protocol.problem;

import java.net.URI;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * Every refusal that may cross the wire. Programs read the URN, people the title; neither ever
 * changes.
 */
public enum ProblemType {
    // what any service may say
    MALFORMED_REQUEST(400, false, "The request could not be read"),
    UNKNOWN_FIELD(400, false, "The request has a field that does not exist"),
    INVALID_VALUE(422, false, "A value is missing or out of its range"),
    NOT_FOUND(404, false, "There is no such thing"),
    METHOD_NOT_ALLOWED(405, false, "This resource does not take that method"),
    NOT_ACCEPTABLE(406, false, "The answer cannot be given in that media type"),
    UNSUPPORTED_MEDIA_TYPE(415, false, "The body must be of another media type"),
    CONTRADICTS_EARLIER_REQUEST(
            409, false, "Something else was asked for under the same name before"),
    TOO_LARGE(413, false, "The body is larger than is allowed here"),
    NEIGHBOUR_UNAVAILABLE(503, true, "Another service does not answer"),
    INTERNAL(500, true, "Something went wrong that should not"),

    // who is calling
    UNAUTHENTICATED(401, false, "The call needs a valid secret or token"),
    FORBIDDEN(403, false, "The caller may not do this"),

    // jobs
    COMBINATION_REFUSED(422, false, "These options do not go together"),
    UNKNOWN_MODEL(422, false, "The job names a model or version that is not registered"),
    MODEL_DOES_NOT_FIT(422, false, "The job does not fit the model it names"),
    JOB_ENDED(409, false, "The job has ended"),

    // agents
    AGENT_NAME_TAKEN(409, false, "Another agent is enrolled under this name"),
    ASSIGNMENT_OVER(409, false, "The assignment is over"),

    // large bodies
    LENGTH_REQUIRED(411, false, "The body must come with its length"),
    DIGEST_MISMATCH(422, true, "The bytes are not those that the digest names"),
    OFFSET_MISMATCH(409, true, "The piece does not begin where the last one ended"),
    INCOMPLETE_BODY(400, true, "The body ended before its announced length"),
    RANGE_NOT_SATISFIABLE(416, false, "The range lies outside the file"),

    // registry
    ALIAS_MOVED(409, true, "The alias does not point where the caller believes"),
    BLOB_MISSING(422, false, "A file of the version has not been uploaded"),

    // rounds and updates
    ROUND_CLOSED(409, false, "The round no longer takes updates"),
    NOT_IN_COHORT(403, false, "The agent was not drawn for this round"),
    UPDATE_CONTRADICTS(409, false, "Another update is already held for this agent"),
    UPDATE_MALFORMED(422, false, "The update is not a well-formed update file"),
    UPDATE_DOES_NOT_FIT(422, false, "The update does not fit the round it was sent to"),
    UPDATE_NOT_FINITE(422, false, "The update has a value that is not a number or infinite"),
    UPDATE_TOO_FAR(422, false, "The update is further from its parent than the job allows"),
    UPDATE_UNTRAINED(422, false, "The update equals its parent");

    private static final String PREFIX = "urn:espalier:problem:";

    private final int status;
    private final boolean worthRetrying;
    private final String title;

    ProblemType(int status, boolean worthRetrying, String title) {
        this.status = status;
        this.worthRetrying = worthRetrying;
        this.title = title;
    }

    /** The HTTP status. */
    public int status() {
        return status;
    }

    /** Whether the very same request may succeed later. */
    public boolean worthRetrying() {
        return worthRetrying;
    }

    public String title() {
        return title;
    }

    public URI uri() {
        return URI.create(PREFIX + name().toLowerCase(Locale.ROOT).replace('_', '-'));
    }

    public static Optional<ProblemType> of(URI uri) {
        return Arrays.stream(values()).filter(type -> type.uri().equals(uri)).findFirst();
    }
}
