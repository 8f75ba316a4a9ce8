package dev.espalier.local.corpus;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A folder of somebody's own labelled text, in either of two layouts:
 *
 * <pre>
 *   DIR/ham/*, DIR/spam/*   one text a file, the subfolder is the label; a file that begins like a
 *                           mail (RFC 5322 headers) is read as one
 *   DIR/*.jsonl             one text a line: {"text": "...", "label": "..."}
 * </pre>
 */
public final class LabelledFolder {

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final Pattern HEADERS =
            Pattern.compile("(?:From \\S.*|[A-Za-z][A-Za-z0-9-]*:[ \\t].*)\\R[A-Za-z>\\s](?s).*");

    private LabelledFolder() {}

    /**
     * Every text that is not empty, in ascending order of file.
     *
     * @throws IOException saying what is missing
     */
    public static List<LabelledText> read(Path folder) throws IOException {
        List<LabelledText> texts = new ArrayList<>();
        for (Path entry : children(folder)) {
            if (Files.isDirectory(entry)) {
                readLabel(entry, texts);
            } else if (entry.toString().endsWith(".jsonl")) {
                readLines(entry, texts);
            }
        }
        if (texts.stream().map(LabelledText::label).distinct().count() < 2) {
            throw new IOException(
                    folder
                            + " must hold text of at least two labels: subfolders such as ham/ and"
                            + " spam/ with one text a file, or .jsonl files with \"text\" and"
                            + " \"label\"");
        }
        return texts;
    }

    private static List<Path> children(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            throw new IOException(folder + " is not a folder");
        }
        try (Stream<Path> children = Files.list(folder)) {
            return children.filter(child -> !child.getFileName().toString().startsWith("."))
                    .sorted()
                    .toList();
        }
    }

    private static void readLabel(Path folder, List<LabelledText> into) throws IOException {
        String label = folder.getFileName().toString();
        for (Path file : children(folder)) {
            if (Files.isRegularFile(file)) {
                add(label + "/" + file.getFileName(), label, text(file), into);
            }
        }
    }

    private static String text(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        String latin = new String(bytes, StandardCharsets.ISO_8859_1);
        return HEADERS.matcher(latin).matches()
                ? MailText.of(bytes)
                : MailText.plain(new String(bytes, StandardCharsets.UTF_8));
    }

    private static void readLines(Path file, List<LabelledText> into) throws IOException {
        int number = 0;
        for (String line : Files.readAllLines(file)) {
            number++;
            if (!line.isBlank()) {
                String source = file.getFileName() + ":" + number;
                JsonNode row = parse(line, source);
                add(source, field(row, "label", source), field(row, "text", source), into);
            }
        }
    }

    private static JsonNode parse(String line, String source) throws IOException {
        try {
            return JSON.readTree(line);
        } catch (JacksonException notJson) {
            // without the cause: its message quotes the text
            throw new IOException(source + " is not a line of JSON");
        }
    }

    private static String field(JsonNode row, String name, String source) throws IOException {
        JsonNode value = row.get(name);
        if (value == null || !value.isString()) {
            throw new IOException(source + " has no text in \"" + name + "\"");
        }
        return value.asString();
    }

    private static void add(String source, String label, String text, List<LabelledText> into) {
        String plain = MailText.plain(text);
        if (!plain.isEmpty()) {
            into.add(new LabelledText(source, label, plain));
        }
    }
}
