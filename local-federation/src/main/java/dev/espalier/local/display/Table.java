package dev.espalier.local.display;

import java.util.ArrayList;
import java.util.List;

/** Columns of text, the first to the left and the others to the right. */
public final class Table {

    private static final String GAP = "   ";

    private final List<List<String>> rows = new ArrayList<>();

    public Table(String... header) {
        rows.add(List.of(header));
    }

    /**
     * @param cells as many as the header has
     */
    public Table row(String... cells) {
        if (cells.length != rows.getFirst().size()) {
            throw new IllegalArgumentException(
                    "%d cells under %d headings".formatted(cells.length, rows.getFirst().size()));
        }
        rows.add(List.of(cells));
        return this;
    }

    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder(" ");
            for (int column = 0; column < row.size(); column++) {
                line.append(' ').append(column == 0 ? "" : GAP).append(cell(row, column));
            }
            lines.add(line.toString().stripTrailing());
        }
        return lines;
    }

    private String cell(List<String> row, int column) {
        int width = rows.stream().mapToInt(each -> each.get(column).length()).max().orElse(0);
        String pad = " ".repeat(width - row.get(column).length());
        return column == 0 ? row.get(column) + pad : pad + row.get(column);
    }
}
