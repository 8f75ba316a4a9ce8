package dev.espalier.protocol;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.swagger.v3.oas.annotations.media.Schema;

/** The name of a model in the registry; its versions are numbered from 1. */
@Schema(type = "string", pattern = Names.PATTERN, example = "spam-filter")
public record ModelName(@JsonValue String value) {

    @JsonCreator
    public ModelName {
        Names.check("model name", value);
    }

    @Override
    public String toString() {
        return value;
    }
}
