package dev.espalier.benchmarks.page;

import java.util.List;
import java.util.stream.Collectors;

/** Text in Markdown, block by block. */
final class Markdown {

    private final StringBuilder text = new StringBuilder();

    Markdown heading(int level, String words) {
        return block("#".repeat(level) + " " + words);
    }

    Markdown paragraph(String words) {
        return block(words);
    }

    Markdown picture(String description, String file) {
        return block("![" + description + "](" + file + ")");
    }

    Markdown items(List<String> items) {
        return items.isEmpty()
                ? this
                : block(items.stream().map(item -> "- " + item).collect(Collectors.joining("\n")));
    }

    /** The first column to the left, the others to the right. */
    Markdown table(List<String> header, List<List<String>> rows) {
        StringBuilder table = new StringBuilder(row(header)).append("\n|---|");
        table.append("---:|".repeat(header.size() - 1));
        rows.forEach(row -> table.append('\n').append(row(row)));
        return block(table.toString());
    }

    private static String row(List<String> cells) {
        return cells.stream()
                .map(cell -> cell.replace("|", "\\|"))
                .collect(Collectors.joining(" | ", "| ", " |"));
    }

    private Markdown block(String words) {
        text.append(text.isEmpty() ? "" : "\n").append(words).append('\n');
        return this;
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
