package dev.espalier.tensors;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.provider.Arguments;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The published test vectors: cases with a name, an input, what is expected, and an absolute
 * tolerance.
 */
public final class Vectors {

    private Vectors() {}

    /** One argument per case: the case, shown by its name. */
    public static Stream<Arguments> of(String file) {
        try (InputStream json = Vectors.class.getResourceAsStream("/vectors/" + file)) {
            JsonNode cases =
                    new JsonMapper().readTree(Objects.requireNonNull(json, file)).get("cases");
            return cases.valueStream()
                    .map(one -> Arguments.of(Named.of(one.get("name").asString(), one)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Numbers, booleans as 0 and 1, and the word NaN; nested lists are laid end to end. */
    public static double[] doubles(JsonNode list) {
        return flat(list).mapToDouble(Vectors::number).toArray();
    }

    public static float[] floats(JsonNode list) {
        double[] wide = doubles(list);
        float[] values = new float[wide.length];
        for (int i = 0; i < wide.length; i++) {
            values[i] = (float) wide[i];
        }
        return values;
    }

    private static Stream<JsonNode> flat(JsonNode node) {
        return node.isArray() ? node.valueStream().flatMap(Vectors::flat) : Stream.of(node);
    }

    private static double number(JsonNode node) {
        return node.isString() ? Double.parseDouble(node.asString()) : node.asDouble();
    }
}
