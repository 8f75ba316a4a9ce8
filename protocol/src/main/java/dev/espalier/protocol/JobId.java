package dev.espalier.protocol;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.UUID;

/** Names one federation job. */
@Schema(type = "string", format = "uuid")
public record JobId(@JsonValue UUID value) {

    @JsonCreator
    public static JobId parse(String text) {
        return new JobId(Uuids.parse("job id", text));
    }

    @Override
    public String toString() {
        return value.toString();
    }
}
