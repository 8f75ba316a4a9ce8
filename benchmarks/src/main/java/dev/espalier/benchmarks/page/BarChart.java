package dev.espalier.benchmarks.page;

import java.util.List;
import java.util.Locale;

/** One bar for every arm, each with its number behind it. */
final class BarChart {

    private static final int WIDTH = 760;
    private static final int LEFT = 190;
    private static final int RIGHT = 110;
    private static final int ROW = 26;
    private static final int TOP = 40;

    private BarChart() {}

    record Bar(String name, double value) {}

    /**
     * @param unit behind every number
     */
    static String svg(String title, String unit, List<Bar> bars) {
        Svg svg = new Svg(WIDTH, TOP + ROW * bars.size() + 12);
        svg.text(12, 22, "start", title);
        double most = bars.stream().mapToDouble(Bar::value).max().orElse(1);
        for (int i = 0; i < bars.size(); i++) {
            Bar bar = bars.get(i);
            double length = most > 0 ? bar.value() / most * (WIDTH - LEFT - RIGHT) : 0;
            double y = TOP + (double) ROW * i;
            String number = String.format(Locale.ROOT, "%.2f %s", bar.value(), unit);
            svg.text(LEFT - 8, y + 14, "end", bar.name());
            svg.rectangle(LEFT, y, length, ROW - 8, Svg.colour(i), bar.name() + ": " + number);
            svg.text(LEFT + length + 6, y + 14, "start", number);
        }
        return svg.file();
    }
}
