package dev.espalier.protocol;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.swagger.v3.oas.annotations.media.Schema;

/** One immutable version of one model, written {@code model@number}. */
@Schema(type = "string", example = "all-minilm-l6-v2@1")
public record VersionRef(ModelName model, int number) {

    public VersionRef {
        if (number < 1) {
            throw new IllegalArgumentException("versions are numbered from 1: " + number);
        }
    }

    @JsonCreator
    public static VersionRef parse(String text) {
        int at = text.lastIndexOf('@');
        if (at < 0 || !text.substring(at + 1).matches("[1-9][0-9]{0,8}")) {
            throw new IllegalArgumentException(
                    "a version is written model@number, for example spam-filter@3");
        }
        return new VersionRef(
                new ModelName(text.substring(0, at)), Integer.parseInt(text.substring(at + 1)));
    }

    @JsonValue
    @Override
    public String toString() {
        return model + "@" + number;
    }
}
