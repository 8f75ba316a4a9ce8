package dev.espalier.problem;

import dev.espalier.protocol.problem.Problem;
import dev.espalier.protocol.problem.ProblemType;
import java.util.List;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.ProblemDetail;

/** Turns a line of the catalogue into the body that crosses the wire. */
final class Problems {

    private Problems() {}

    static ProblemDetail body(ProblemType type, String detail, List<Problem.Field> fields) {
        ProblemDetail body =
                ProblemDetail.forStatusAndDetail(HttpStatusCode.valueOf(type.status()), detail);
        body.setType(type.uri());
        body.setTitle(type.title());
        body.setProperty("worthRetrying", type.worthRetrying());
        if (!fields.isEmpty()) {
            body.setProperty("fields", fields);
        }
        return body;
    }
}
