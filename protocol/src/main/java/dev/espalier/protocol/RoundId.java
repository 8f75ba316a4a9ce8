package dev.espalier.protocol;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.UUID;

/** Names one round of one job. Random, so that an agent cannot guess the next one. */
@Schema(type = "string", format = "uuid")
public record RoundId(@JsonValue UUID value) {

    @JsonCreator
    public static RoundId parse(String text) {
        return new RoundId(Uuids.parse("round id", text));
    }

    @Override
    public String toString() {
        return value.toString();
    }
}
