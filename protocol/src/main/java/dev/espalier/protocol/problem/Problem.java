package dev.espalier.protocol.problem;

import java.net.URI;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A refusal as a caller reads it: {@code application/problem+json}, RFC 9457.
 *
 * @param detail what to do about this very case
 * @param worthRetrying whether the same request may succeed later
 * @param fields the fields at fault, where the request was a message
 */
public record Problem(
        @Nullable URI type,
        @Nullable String title,
        int status,
        @Nullable String detail,
        boolean worthRetrying,
        @Nullable List<Field> fields) {

    /**
     * @param field path from the root of the message, for example {@code
     *     phases[0].training.learningRate}
     */
    public record Field(String field, String reason) {}

    public boolean is(ProblemType expected) {
        return expected.uri().equals(type);
    }
}
