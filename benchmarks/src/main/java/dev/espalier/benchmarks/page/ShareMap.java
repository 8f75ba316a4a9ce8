package dev.espalier.benchmarks.page;

import java.util.List;
import java.util.Locale;

/** A cell for everything that updates may hold, the darker the more of them held it. */
final class ShareMap {

    private static final int CELL = 30;
    private static final int LEFT = 250;
    private static final int TOP = 56;

    private ShareMap() {}

    /**
     * @param shares from 0 to 1, cell by cell
     */
    record Row(String name, List<Double> shares) {}

    /**
     * @param cell what a cell is, for people
     */
    static String svg(String title, String cell, List<Row> rows) {
        int widest = rows.stream().mapToInt(row -> row.shares().size()).max().orElse(0);
        Svg svg = new Svg(Math.max(LEFT + CELL * widest + 20, 480), TOP + CELL * rows.size() + 16);
        svg.text(12, 22, "start", title);
        for (int number = 0; number < widest; number++) {
            svg.text(LEFT + CELL * (number + 0.5), TOP - 8, "middle", Integer.toString(number));
        }
        for (int i = 0; i < rows.size(); i++) {
            draw(svg, cell, rows.get(i), TOP + (double) CELL * i);
        }
        return svg.file();
    }

    private static void draw(Svg svg, String cell, Row row, double y) {
        svg.text(LEFT - 8, y + CELL / 2.0 + 4, "end", row.name());
        for (int number = 0; number < row.shares().size(); number++) {
            double share = row.shares().get(number);
            svg.rectangle(
                    LEFT + (double) CELL * number,
                    y,
                    CELL - 2,
                    CELL - 2,
                    shade(share),
                    "%s, %s %d: in %.0f %% of the updates"
                            .formatted(row.name(), cell, number, 100 * share));
        }
    }

    /** From nearly white to dark blue. */
    private static String shade(double share) {
        int red = (int) Math.round(238 - share * 211);
        int green = (int) Math.round(242 - share * 168);
        int blue = (int) Math.round(247 - share * 127);
        return String.format(Locale.ROOT, "#%02x%02x%02x", red, green, blue);
    }
}
