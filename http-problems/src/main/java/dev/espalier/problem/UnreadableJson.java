package dev.espalier.problem;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.espalier.protocol.problem.Problem;
import dev.espalier.protocol.problem.ProblemType;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import org.springframework.http.converter.HttpMessageNotReadableException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.exc.InvalidFormatException;
import tools.jackson.databind.exc.InvalidTypeIdException;
import tools.jackson.databind.exc.MismatchedInputException;
import tools.jackson.databind.exc.UnrecognizedPropertyException;
import tools.jackson.databind.exc.ValueInstantiationException;

/**
 * Says what is wrong with a JSON body in the words of its sender: the path of the field, and what
 * it must be.
 */
final class UnreadableJson {

    private static final int LONGEST_REASON = 300;

    private UnreadableJson() {}

    static ProblemException explain(HttpMessageNotReadableException unreadable) {
        return switch (unreadable.getCause()) {
            case UnrecognizedPropertyException unknown -> unknownField(unknown);
            case DatabindException wrong -> wrongValue(wrong);
            case StreamReadException broken ->
                    new ProblemException(
                            ProblemType.MALFORMED_REQUEST,
                            "The body is not JSON" + at(broken) + ".");
            case null, default ->
                    new ProblemException(
                            ProblemType.MALFORMED_REQUEST,
                            "The body is missing or could not be read.");
        };
    }

    /** The innermost reason of a failed conversion, short enough to show. */
    static String rootReason(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return shortened(root.getMessage() == null ? "cannot be read" : root.getMessage());
    }

    private static ProblemException unknownField(UnrecognizedPropertyException unknown) {
        Collection<Object> known = unknown.getKnownPropertyIds();
        String field = path(unknown);
        String reason =
                "there is no such field"
                        + (known == null || known.isEmpty()
                                ? ""
                                : "; known here: "
                                        + known.stream()
                                                .map(Object::toString)
                                                .sorted()
                                                .collect(Collectors.joining(", ")));
        return new ProblemException(
                ProblemType.UNKNOWN_FIELD,
                field + ": " + shortened(reason),
                List.of(new Problem.Field(field, shortened(reason))));
    }

    private static ProblemException wrongValue(DatabindException wrong) {
        String field = path(wrong) + kindProperty(wrong);
        String reason = shortened(reason(wrong));
        return new ProblemException(
                ProblemType.INVALID_VALUE,
                (field.isEmpty() ? "" : field + ": ") + reason,
                List.of(new Problem.Field(field, reason)));
    }

    private static String reason(DatabindException wrong) {
        return switch (wrong) {
            case InvalidTypeIdException kind -> kindReason(kind);
            case ValueInstantiationException refused -> rootReason(refused);
            case InvalidFormatException format -> "must be " + expected(format.getTargetType());
            case MismatchedInputException mismatch ->
                    "must be " + expected(mismatch.getTargetType());
            default -> rootReason(wrong);
        };
    }

    /** The field that tells one kind of object from another; Jackson's path ends at the object. */
    private static String kindProperty(DatabindException wrong) {
        if (!(wrong instanceof InvalidTypeIdException kind)) {
            return "";
        }
        JsonTypeInfo info = kind.getBaseType().getRawClass().getAnnotation(JsonTypeInfo.class);
        return info == null ? "" : "." + info.property();
    }

    private static String kindReason(InvalidTypeIdException kind) {
        JsonSubTypes known = kind.getBaseType().getRawClass().getAnnotation(JsonSubTypes.class);
        String names =
                known == null
                        ? ""
                        : Arrays.stream(known.value())
                                .map(JsonSubTypes.Type::name)
                                .collect(Collectors.joining(", "));
        return kind.getTypeId() == null
                ? "must say which it is; known here: " + names
                : "'" + kind.getTypeId() + "' is none that is known here: " + names;
    }

    private static String expected(Class<?> type) {
        if (type == null) {
            return "of another type";
        }
        if (type.isEnum()) {
            return "one of "
                    + Arrays.stream(type.getEnumConstants())
                            .map(Object::toString)
                            .collect(Collectors.joining(", "));
        }
        if (type == int.class
                || type == Integer.class
                || type == long.class
                || type == Long.class) {
            return "a whole number within its range";
        }
        if (type == double.class || type == Double.class) {
            return "a number";
        }
        if (type == boolean.class || type == Boolean.class) {
            return "true or false";
        }
        if (type == String.class) {
            return "a text";
        }
        if (type == Duration.class) {
            return "an ISO 8601 duration, for example PT10M";
        }
        if (type == Instant.class) {
            return "an ISO 8601 instant, for example 2026-01-31T12:00:00Z";
        }
        if (Collection.class.isAssignableFrom(type)) {
            return "a list";
        }
        return type.isRecord() && type.getRecordComponents().length > 1 ? "an object" : "a text";
    }

    private static String path(JacksonException exception) {
        StringBuilder path = new StringBuilder();
        for (JacksonException.Reference step : exception.getPath()) {
            if (step.getPropertyName() == null) {
                path.append('[').append(step.getIndex()).append(']');
            } else {
                path.append(path.isEmpty() ? "" : ".").append(step.getPropertyName());
            }
        }
        return path.toString();
    }

    private static String at(JacksonException broken) {
        TokenStreamLocation location = broken.getLocation();
        return location == null
                ? ""
                : " (line %d, column %d)".formatted(location.getLineNr(), location.getColumnNr());
    }

    private static String shortened(String reason) {
        return reason.length() <= LONGEST_REASON
                ? reason
                : reason.substring(0, LONGEST_REASON) + "...";
    }
}
