package dev.espalier.agent.data;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/**
 * How the owner's rows lie in files. A file whose name ends in {@code .gz} is unpacked on the way.
 */
public enum DataFormat {
    /**
     * RFC 4180: fields between commas, quoted where they need it; a quoted field may hold lines.
     */
    CSV,
    /** One line a row, fields between tabs, nothing quoted. */
    TSV,
    /** One JSON object a line. */
    JSONL,
    /** One text a file; the label is in the file's path. */
    FOLDER;

    /** What a path's ending says, or that it is a folder. */
    static Optional<DataFormat> guess(Path path) {
        if (Files.isDirectory(path)) {
            return Optional.of(FOLDER);
        }
        String name = path.getFileName().toString().toLowerCase(Locale.ROOT);
        String plain = name.endsWith(".gz") ? name.substring(0, name.length() - 3) : name;
        return switch (plain.substring(plain.lastIndexOf('.') + 1)) {
            case "csv" -> Optional.of(CSV);
            case "tsv", "tab" -> Optional.of(TSV);
            case "jsonl", "ndjson" -> Optional.of(JSONL);
            default -> Optional.empty();
        };
    }
}
