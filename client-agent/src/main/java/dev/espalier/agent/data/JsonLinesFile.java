package dev.espalier.agent.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** One JSON object a line. */
final class JsonLinesFile implements RowSource {

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Path path;
    private final DataSettings settings;

    JsonLinesFile(Path path, DataSettings settings) {
        this.path = path;
        this.settings = settings;
    }

    @Override
    public void read(Sink sink) throws IOException {
        Presence presence = new Presence();
        try (TextFile file = TextFile.open(path, settings.charset())) {
            for (String line = file.next(); line != null; line = file.next()) {
                if (!line.isBlank()) {
                    row(file.line(), line, presence, sink);
                }
            }
        }
        presence.check();
    }

    private void row(long line, String text, Presence presence, Sink sink) {
        Optional<JsonNode> object = parse(text).filter(JsonNode::isObject);
        if (object.isEmpty()) {
            sink.bad(line, BadRows.Fault.NOT_A_JSON_OBJECT);
            return;
        }
        presence.note(object.get());
        try {
            sink.row(row(line, object.get()));
        } catch (NotAText wrongType) {
            sink.bad(line, BadRows.Fault.FIELD_OF_WRONG_TYPE);
        }
    }

    private RawRow row(long line, JsonNode object) throws NotAText {
        DataSettings.Columns columns = settings.columns();
        PrivateText answer = optional(object, settings.answerColumn());
        return new RawRow(
                line,
                text(object.path(columns.text())),
                optional(object, columns.secondText()),
                answer == null ? PrivateText.NONE : answer,
                optional(object, columns.group()));
    }

    private static @Nullable PrivateText optional(JsonNode object, @Nullable String field)
            throws NotAText {
        return field == null ? null : text(object.path(field));
    }

    /** An absent field and null are an empty text; numbers and booleans are taken as written. */
    private static PrivateText text(JsonNode value) throws NotAText {
        if (value.isMissingNode() || value.isNull()) {
            return new PrivateText("");
        }
        if (!value.isValueNode()) {
            throw new NotAText();
        }
        return new PrivateText(value.asString());
    }

    /** Empty where the line is no JSON: the parser's own words would quote it. */
    private static Optional<JsonNode> parse(String line) {
        try {
            return Optional.of(JSON.readTree(line));
        } catch (JacksonException notJson) {
            return Optional.empty();
        }
    }

    /** Whether each field was there at least once: else its name is wrong, not the rows. */
    private final class Presence {

        private boolean any;
        private boolean text;
        private boolean secondText;
        private boolean answer;
        private boolean group;

        void note(JsonNode object) {
            DataSettings.Columns columns = settings.columns();
            any = true;
            text |= object.has(columns.text());
            secondText |= has(object, columns.secondText());
            answer |= has(object, settings.answerColumn());
            group |= has(object, columns.group());
        }

        private static boolean has(JsonNode object, @Nullable String field) {
            return field == null || object.has(field);
        }

        void check() {
            DataSettings.Columns columns = settings.columns();
            check(text, "text", columns.text());
            check(secondText, "second-text", columns.secondText());
            check(answer, settings.answerRole(), settings.answerColumn());
            check(group, "group", columns.group());
        }

        private void check(boolean seen, String role, @Nullable String field) {
            if (any && !seen) {
                throw new DataUnusableException(
                        "Data '%s': no object in %s has a field '%s'."
                                .formatted(settings.name(), path, field),
                        "Set 'columns.%s' to the name of a field.".formatted(role));
            }
        }
    }

    private static final class NotAText extends Exception {

        private static final long serialVersionUID = 1;
    }
}
