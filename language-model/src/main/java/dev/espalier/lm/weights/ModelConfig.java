package dev.espalier.lm.weights;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A {@code config.json}, Hugging Face's or PEFT's: each setting is asked for by name and type, and
 * a value that cannot be honoured is refused by name. Immutable.
 */
public final class ModelConfig {

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final String file;
    private final ObjectNode settings;

    private ModelConfig(String file, ObjectNode settings) {
        this.file = file;
        this.settings = settings;
    }

    /**
     * @throws ModelRefusedException if the file is not there or not a JSON object
     */
    public static ModelConfig read(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new ModelRefusedException(file + " is missing");
        }
        return parse(file.getFileName().toString(), Files.readString(file));
    }

    /**
     * @param file name to be used in messages
     * @throws ModelRefusedException if the text is not a JSON object
     */
    public static ModelConfig parse(String file, String json) {
        try {
            if (JSON.readTree(json) instanceof ObjectNode settings) {
                return new ModelConfig(file, settings);
            }
        } catch (JacksonException e) {
            throw new ModelRefusedException(file + " is not JSON", e);
        }
        throw new ModelRefusedException(file + " is not a JSON object");
    }

    /** An absent setting and null are the same thing. */
    public boolean has(String key) {
        return settings.hasNonNull(key);
    }

    public int integer(String key) {
        JsonNode value = required(key);
        if (!value.isInt()) {
            throw refused(key, "must be a whole number");
        }
        return value.intValue();
    }

    public int integer(String key, int absent) {
        return has(key) ? integer(key) : absent;
    }

    /** A whole number of 1 or more. */
    public int positive(String key) {
        int value = integer(key);
        if (value < 1) {
            throw refused(key, "must be 1 or more");
        }
        return value;
    }

    /** A whole number of 1 or more. */
    public int positive(String key, int absent) {
        return has(key) ? positive(key) : absent;
    }

    /** A number in [0, 1): how often something is dropped. */
    public double probability(String key, double absent) {
        double value = number(key, absent);
        if (!(value >= 0 && value < 1)) {
            throw refused(key, "must be in [0, 1)");
        }
        return value;
    }

    /** Whole numbers, one or a list of them; none if absent. */
    public List<Integer> integers(String key) {
        if (!has(key)) {
            return List.of();
        }
        if (!settings.get(key).isArray()) {
            return List.of(integer(key));
        }
        List<Integer> integers = new ArrayList<>();
        for (JsonNode value : settings.get(key)) {
            if (!value.isInt()) {
                throw refused(key, "must be whole numbers");
            }
            integers.add(value.intValue());
        }
        return List.copyOf(integers);
    }

    public double number(String key) {
        JsonNode value = required(key);
        if (!value.isNumber()) {
            throw refused(key, "must be a number");
        }
        return value.doubleValue();
    }

    public double number(String key, double absent) {
        return has(key) ? number(key) : absent;
    }

    /**
     * The settings within a setting; none if it is absent.
     *
     * @throws ModelRefusedException if it is no JSON object
     */
    public ModelConfig within(String key) {
        if (!has(key)) {
            return new ModelConfig(file, JSON.createObjectNode());
        }
        if (settings.get(key) instanceof ObjectNode inner) {
            return new ModelConfig(file + ": " + key, inner);
        }
        throw refused(key, "must be settings by name");
    }

    /**
     * Refuses every setting but the ones named.
     *
     * @throws ModelRefusedException naming the first other one that is there
     */
    public void requireOnly(String... known) {
        for (String key : settings.propertyNames()) {
            if (has(key) && !List.of(known).contains(key)) {
                throw refused(key, "is not supported");
            }
        }
    }

    /** Whether the setting is there and true. */
    public boolean isTrue(String key) {
        return settings.path(key).isBoolean() && settings.path(key).booleanValue();
    }

    public String text(String key) {
        JsonNode value = required(key);
        if (!value.isString()) {
            throw refused(key, "must be a text");
        }
        return value.stringValue();
    }

    /** Whether the setting is one text rather than a list. */
    public boolean isText(String key) {
        return settings.path(key).isString();
    }

    public List<String> texts(String key) {
        List<String> texts = new ArrayList<>();
        for (JsonNode value : required(key)) {
            if (!value.isString()) {
                throw refused(key, "must be a list of texts");
            }
            texts.add(value.stringValue());
        }
        return List.copyOf(texts);
    }

    /**
     * Refuses every value but the ones named; absent is taken as the first.
     *
     * @throws ModelRefusedException naming the setting, its value and what would be accepted
     */
    public void requireOneOf(String key, Object... accepted) {
        if (!has(key)) {
            return;
        }
        String value = settings.get(key).isString() ? text(key) : settings.get(key).toString();
        for (Object one : accepted) {
            if (value.equals(String.valueOf(one))) {
                return;
            }
        }
        throw refused(key, "is not supported; supported: " + List.of(accepted));
    }

    /**
     * @throws ModelRefusedException if the setting is there and is neither null, false nor empty
     */
    public void requireUnset(String key) {
        JsonNode value = settings.path(key);
        boolean unset =
                !has(key)
                        || (value.isBoolean() && !value.booleanValue())
                        || (value.isContainer() && value.isEmpty());
        if (!unset) {
            throw refused(key, "is not supported");
        }
    }

    /**
     * The names of {@code id2label} in the order of their ids; if absent, as many invented ones as
     * {@code num_labels} says, or two.
     *
     * @throws ModelRefusedException if the two settings contradict each other
     */
    public List<String> labels() {
        if (!has("id2label")) {
            int labels = positive("num_labels", 2); // as transformers
            return IntStream.range(0, labels).mapToObj(id -> "LABEL_" + id).toList();
        }
        requireOneOf("num_labels", settings.get("id2label").size());
        JsonNode names = settings.get("id2label");
        List<String> labels = new ArrayList<>();
        for (int id = 0; id < names.size(); id++) {
            JsonNode name = names.path(String.valueOf(id));
            if (!name.isString()) {
                throw refused("id2label", "must name the labels 0, 1, 2 ...");
            }
            labels.add(name.stringValue());
        }
        return List.copyOf(labels);
    }

    /** A copy that the caller may change and write. */
    public ObjectNode toJson() {
        return settings.deepCopy();
    }

    /** A refusal of one setting, to be thrown. */
    public ModelRefusedException refused(String key, String why) {
        return new ModelRefusedException(
                "%s: %s %s (it is %s)".formatted(file, key, why, settings.get(key)));
    }

    private JsonNode required(String key) {
        if (!has(key)) {
            throw new ModelRefusedException(file + ": " + key + " is missing");
        }
        return settings.get(key);
    }
}
