package dev.espalier.protocol;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.swagger.v3.oas.annotations.media.Schema;

/** A movable name for a version, such as {@code latest} or {@code champion}. */
@Schema(type = "string", pattern = Names.PATTERN, example = "champion")
public record AliasName(@JsonValue String value) {

    @JsonCreator
    public AliasName {
        Names.check("alias", value);
    }

    @Override
    public String toString() {
        return value;
    }
}
