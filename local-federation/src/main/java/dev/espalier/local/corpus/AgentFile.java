package dev.espalier.local.corpus;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** Texts as the JSON Lines that an agent reads: {@code {"text": "...", "label": "..."}}. */
public final class AgentFile {

    private static final JsonMapper JSON = JsonMapper.shared();

    private AgentFile() {}

    /** The same texts in the same order give the same bytes. */
    public static void write(Path file, List<LabelledText> texts) throws IOException {
        List<Map<String, String>> rows = new ArrayList<>();
        for (LabelledText text : texts) {
            Map<String, String> row = new LinkedHashMap<>();
            row.put("text", text.text());
            row.put("label", text.label());
            rows.add(row);
        }
        writeRows(file, rows);
    }

    /** Rows of any columns, each with its columns in the order in which it gives them. */
    public static void writeRows(Path file, List<Map<String, String>> rows) throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        try (BufferedWriter lines = Files.newBufferedWriter(file)) {
            for (Map<String, String> row : rows) {
                lines.write(JSON.writeValueAsString(row));
                lines.write('\n');
            }
        }
    }
}
