package dev.espalier.protocol;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.swagger.v3.oas.annotations.media.Schema;

/**
 * Points at a version by number or by alias: {@code model@3}, {@code model@champion}, or {@code
 * model} for its {@code latest}. Resolved once, when a job is submitted, so that a moving alias
 * cannot change a running job.
 *
 * @param selector a number or an alias
 */
@Schema(type = "string", example = "all-minilm-l6-v2@1")
public record ModelPointer(ModelName model, String selector) {

    public static final AliasName LATEST = new AliasName("latest");

    public ModelPointer {
        if (!selector.matches("[1-9][0-9]{0,8}")) {
            Names.check("alias", selector);
        }
    }

    @JsonCreator
    public static ModelPointer parse(String text) {
        int at = text.lastIndexOf('@');
        return at < 0
                ? new ModelPointer(new ModelName(text), LATEST.value())
                : new ModelPointer(new ModelName(text.substring(0, at)), text.substring(at + 1));
    }

    @JsonValue
    @Override
    public String toString() {
        return model + "@" + selector;
    }
}
