package dev.espalier.local.platform;

import dev.espalier.protocol.problem.Problem;
import java.io.IOException;
import java.net.URI;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A service said no; the message is what it said, fields included. */
public final class RefusedByService extends IOException {

    private final @Nullable Problem problem;

    RefusedByService(URI asked, int status, @Nullable Problem problem) {
        super(message(asked, status, problem));
        this.problem = problem;
    }

    /** What the service sent, if it was a problem (RFC 9457). */
    public @Nullable Problem problem() {
        return problem;
    }

    private static String message(URI asked, int status, @Nullable Problem problem) {
        if (problem == null || problem.title() == null) {
            return asked + " answered with status " + status;
        }
        String fields =
                problem.fields() == null
                        ? ""
                        : problem.fields().stream()
                                .map(field -> "; " + field.field() + ": " + field.reason())
                                .collect(Collectors.joining());
        return problem.title() + ": " + problem.detail() + fields;
    }
}
