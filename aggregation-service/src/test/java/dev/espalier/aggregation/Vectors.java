package dev.espalier.aggregation;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.provider.Arguments;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The published test vectors: cases with a name, an input and what is expected. */
public final class Vectors {

    private Vectors() {}

    /** One argument per case: the case, shown by its name. */
    public static Stream<Arguments> of(String file) {
        return cases(file).map(one -> Arguments.of(Named.of(one.get("name").asString(), one)));
    }

    public static JsonNode one(String file, String name) {
        return cases(file)
                .filter(one -> one.get("name").asString().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static Stream<JsonNode> cases(String file) {
        try (InputStream json = Vectors.class.getResourceAsStream("/vectors/" + file)) {
            return new JsonMapper()
                    .readTree(Objects.requireNonNull(json, file))
                    .get("cases")
                    .valueStream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
