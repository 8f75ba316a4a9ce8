package dev.espalier.problem;

import dev.espalier.protocol.problem.Problem;
import dev.espalier.protocol.problem.ProblemType;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.TypeMismatchException;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.validation.FieldError;
import org.springframework.validation.method.ParameterErrors;
import org.springframework.web.bind.MethodArgumentNotValidException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.WebRequest;
import org.springframework.web.method.annotation.HandlerMethodValidationException;
import org.springframework.web.method.annotation.MethodArgumentTypeMismatchException;
import org.springframework.web.servlet.mvc.method.annotation.ResponseEntityExceptionHandler;

/**
 * Every refusal of a service leaves through here, as RFC 9457 and with a type from the catalogue.
 */
@RestControllerAdvice
@Order(Ordered.HIGHEST_PRECEDENCE)
class ProblemAdvice extends ResponseEntityExceptionHandler {

    private static final Logger log = LoggerFactory.getLogger(ProblemAdvice.class);

    private static final Map<Integer, ProblemType> BY_STATUS =
            Map.of(
                    404, ProblemType.NOT_FOUND,
                    405, ProblemType.METHOD_NOT_ALLOWED,
                    406, ProblemType.NOT_ACCEPTABLE,
                    413, ProblemType.TOO_LARGE,
                    415, ProblemType.UNSUPPORTED_MEDIA_TYPE,
                    503, ProblemType.NEIGHBOUR_UNAVAILABLE);

    @ExceptionHandler
    ResponseEntity<ProblemDetail> refused(ProblemException problem) {
        HttpHeaders headers = new HttpHeaders();
        problem.headers().forEach(headers::set);
        return ResponseEntity.status(problem.type().status())
                .headers(headers)
                .contentType(MediaType.APPLICATION_PROBLEM_JSON)
                .body(
                        Problems.body(
                                problem.type(),
                                String.valueOf(problem.getMessage()),
                                problem.fields()));
    }

    /** A bug, or a dependency that fails: the caller learns that, the log learns what. */
    @ExceptionHandler
    @Nullable ResponseEntity<ProblemDetail> surprised(
            Exception surprise, HttpServletRequest request) {
        if (callerHasGone(surprise)) {
            log.debug("caller went away: {} {}", request.getMethod(), request.getRequestURI());
            return null;
        }
        log.error("{} {} failed", request.getMethod(), request.getRequestURI(), surprise);
        return ResponseEntity.internalServerError()
                .contentType(MediaType.APPLICATION_PROBLEM_JSON)
                .body(
                        Problems.body(
                                ProblemType.INTERNAL,
                                "The service's log says more. Trying again later may help.",
                                List.of()));
    }

    @Override
    protected ResponseEntity<Object> handleHttpMessageNotReadable(
            HttpMessageNotReadableException unreadable,
            HttpHeaders headers,
            HttpStatusCode status,
            WebRequest request) {
        return answer(UnreadableJson.explain(unreadable), headers);
    }

    @Override
    protected ResponseEntity<Object> handleMethodArgumentNotValid(
            MethodArgumentNotValidException invalid,
            HttpHeaders headers,
            HttpStatusCode status,
            WebRequest request) {
        List<Problem.Field> fields =
                invalid.getBindingResult().getAllErrors().stream()
                        .map(error ->
                                new Problem.Field(
                                        error instanceof FieldError field
                                                ? field.getField()
                                                : error.getObjectName(),
                                        String.valueOf(error.getDefaultMessage())))
                        .sorted(Comparator.comparing(Problem.Field::field))
                        .toList();
        return answer(invalidFields(fields), headers);
    }

    @Override
    protected ResponseEntity<Object> handleHandlerMethodValidationException(
            HandlerMethodValidationException invalid,
            HttpHeaders headers,
            HttpStatusCode status,
            WebRequest request) {
        List<Problem.Field> fields =
                invalid.getParameterValidationResults().stream()
                        .flatMap(result ->
                                result.getResolvableErrors().stream()
                                        .map(error ->
                                                new Problem.Field(
                                                        result instanceof ParameterErrors
                                                                        && error
                                                                                instanceof
                                                                                FieldError field
                                                                ? field.getField()
                                                                : String.valueOf(
                                                                        result.getMethodParameter()
                                                                                .getParameterName()),
                                                        String.valueOf(error.getDefaultMessage()))))
                        .toList();
        return answer(invalidFields(fields), headers);
    }

    @Override
    protected ResponseEntity<Object> handleTypeMismatch(
            TypeMismatchException mismatch,
            HttpHeaders headers,
            HttpStatusCode status,
            WebRequest request) {
        String name =
                mismatch instanceof MethodArgumentTypeMismatchException argument
                        ? argument.getName()
                        : String.valueOf(mismatch.getPropertyName());
        String reason = UnreadableJson.rootReason(mismatch);
        return answer(invalidFields(List.of(new Problem.Field(name, reason))), headers);
    }

    @Override
    protected ResponseEntity<Object> handleExceptionInternal(
            Exception exception,
            @Nullable Object body,
            HttpHeaders headers,
            HttpStatusCode status,
            WebRequest request) {
        if (body instanceof ProblemDetail ready && ready.getProperties() != null) {
            return new ResponseEntity<>(body, problemJson(headers), status);
        }
        String detail =
                body instanceof ProblemDetail known && known.getDetail() != null
                        ? known.getDetail()
                        : String.valueOf(exception.getMessage());
        ProblemType type =
                BY_STATUS.getOrDefault(
                        status.value(),
                        status.is4xxClientError()
                                ? ProblemType.MALFORMED_REQUEST
                                : ProblemType.INTERNAL);
        return answer(new ProblemException(type, detail), headers);
    }

    private static ProblemException invalidFields(List<Problem.Field> fields) {
        String detail =
                fields.isEmpty()
                        ? "A value is missing or out of its range."
                        : "%s: %s".formatted(fields.getFirst().field(), fields.getFirst().reason());
        String more =
                fields.size() > 1 ? " (and %d more, see fields)".formatted(fields.size() - 1) : "";
        return new ProblemException(ProblemType.INVALID_VALUE, detail + more, fields);
    }

    private static ResponseEntity<Object> answer(ProblemException problem, HttpHeaders headers) {
        return new ResponseEntity<>(
                Problems.body(
                        problem.type(), String.valueOf(problem.getMessage()), problem.fields()),
                problemJson(headers),
                HttpStatusCode.valueOf(problem.type().status()));
    }

    private static HttpHeaders problemJson(HttpHeaders headers) {
        HttpHeaders all = new HttpHeaders(headers);
        all.setContentType(MediaType.APPLICATION_PROBLEM_JSON);
        return all;
    }

    private static boolean callerHasGone(Exception surprise) {
        return surprise instanceof IOException
                && surprise.getClass().getSimpleName().equals("ClientAbortException");
    }
}
