package dev.espalier.aggregation.publish;

import dev.espalier.problem.ProblemException;
import dev.espalier.protocol.problem.ProblemType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.core.JacksonException;
import tools.jackson.core.util.DefaultIndenter;
import tools.jackson.core.util.DefaultPrettyPrinter;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** JSON files of versions: readable, and the same bytes on every system. */
final class HouseJson {

    static final JsonMapper MAPPER = JsonMapper.shared();

    private HouseJson() {}

    /**
     * @throws ProblemException MODEL_DOES_NOT_FIT if a model's file holds no JSON object
     */
    static ObjectNode object(Path file) throws IOException {
        try {
            if (MAPPER.readTree(Files.readString(file)) instanceof ObjectNode object) {
                return object;
            }
        } catch (JacksonException notJson) {
            // refused below, like any other JSON that is no object
        }
        throw new ProblemException(
                ProblemType.MODEL_DOES_NOT_FIT,
                "a configuration file of the model is no JSON object");
    }

    static void write(Object content, Path file) throws IOException {
        DefaultIndenter lines = new DefaultIndenter("  ", "\n");
        ObjectWriter writer =
                MAPPER.writer()
                        .with(
                                new DefaultPrettyPrinter()
                                        .withObjectIndenter(lines)
                                        .withArrayIndenter(lines));
        Files.writeString(file, writer.writeValueAsString(content) + "\n");
    }
}
