package dev.espalier.aggregation.publish;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.core.util.DefaultIndenter;
import tools.jackson.core.util.DefaultPrettyPrinter;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.json.JsonMapper;

/** JSON files of versions: readable, and the same bytes on every system. */
final class HouseJson {

    static final JsonMapper MAPPER = JsonMapper.shared();

    private HouseJson() {}

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
