package dev.espalier.protocol;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.UUID;

/** Names one piece of work for one agent. */
@Schema(type = "string", format = "uuid")
public record AssignmentId(@JsonValue UUID value) {

    @JsonCreator
    public static AssignmentId parse(String text) {
        return new AssignmentId(Uuids.parse("assignment id", text));
    }

    @Override
    public String toString() {
        return value.toString();
    }
}
