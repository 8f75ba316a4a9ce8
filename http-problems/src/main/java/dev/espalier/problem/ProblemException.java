package dev.espalier.problem;

import dev.espalier.protocol.problem.Problem;
import dev.espalier.protocol.problem.ProblemType;
import java.util.List;
import java.util.Map;

/**
 * A refusal on its way to the caller. Its message is the problem's detail: what to do about this
 * very case.
 */
public final class ProblemException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final ProblemType type;
    private final transient List<Problem.Field> fields;
    private final transient Map<String, String> headers;

    public ProblemException(ProblemType type, String detail) {
        this(type, detail, List.of());
    }

    /**
     * @param fields the fields at fault
     */
    public ProblemException(ProblemType type, String detail, List<Problem.Field> fields) {
        this(type, detail, fields, Map.of());
    }

    private ProblemException(
            ProblemType type,
            String detail,
            List<Problem.Field> fields,
            Map<String, String> headers) {
        super(detail, null, false, false); // a refusal needs no stack trace
        this.type = type;
        this.fields = List.copyOf(fields);
        this.headers = Map.copyOf(headers);
    }

    /** The same refusal with a header that helps the caller on, {@code Upload-Offset} say. */
    public ProblemException withHeader(String name, String value) {
        return new ProblemException(
                type, String.valueOf(getMessage()), fields, Map.of(name, value));
    }

    public ProblemType type() {
        return type;
    }

    public List<Problem.Field> fields() {
        return fields;
    }

    Map<String, String> headers() {
        return headers;
    }
}
