package dev.espalier.protocol;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.swagger.v3.oas.annotations.media.Schema;

/**
 * The logical name of a data set. Every agent maps it to files of its own; the servers learn only
 * the name.
 */
@Schema(type = "string", pattern = Names.PATTERN, example = "mail")
public record DataName(@JsonValue String value) {

    @JsonCreator
    public DataName {
        Names.check("data name", value);
    }

    @Override
    public String toString() {
        return value;
    }
}
