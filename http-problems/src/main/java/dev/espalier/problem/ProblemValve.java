package dev.espalier.problem;

import dev.espalier.protocol.problem.ProblemType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ErrorReportValve;
import org.jspecify.annotations.Nullable;

/**
 * What Tomcat refuses before Spring sees it, a malformed URL say, is a problem like any other and
 * no HTML page.
 */
public final class ProblemValve extends ErrorReportValve {

    private static final String BODY =
            """
            {"type":"%s","title":"%s","status":%d,\
            "detail":"The server could not read the request line or its headers.","worthRetrying":%b}\
            """;

    @Override
    protected void report(Request request, Response response, @Nullable Throwable failure) {
        int status = response.getStatus();
        if (status < 400 || response.getContentWritten() > 0 || !response.setErrorReported()) {
            return;
        }
        ProblemType type = status < 500 ? ProblemType.MALFORMED_REQUEST : ProblemType.INTERNAL;
        byte[] body =
                BODY.formatted(type.uri(), type.title(), status, type.worthRetrying())
                        .getBytes(StandardCharsets.UTF_8);
        try {
            response.setContentType("application/problem+json");
            response.setContentLength(body.length);
            response.getOutputStream().write(body);
            response.finishResponse();
        } catch (IOException | IllegalStateException tooLate) {
            // the caller has gone, or the answer is on its way: nobody is left to be told
        }
    }
}
