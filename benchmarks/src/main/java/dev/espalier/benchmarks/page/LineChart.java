package dev.espalier.benchmarks.page;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;

/** Lines over numbers, with a legend. */
final class LineChart {

    private static final int WIDTH = 860;
    private static final int HEIGHT = 420;
    private static final int LEFT = 64;
    private static final int RIGHT = 230;
    private static final int TOP = 40;
    private static final int BOTTOM = 48;
    private static final int STEPS = 5;

    private final String title;
    private final String across;
    private final List<Series> series = new ArrayList<>();

    /**
     * @param across what is on the horizontal axis
     */
    LineChart(String title, String across) {
        this.title = title;
        this.across = across;
    }

    /** In ascending order of x. */
    record Series(String name, List<Point> points) {}

    record Point(double x, double y) {}

    LineChart add(String name, List<Point> points) {
        series.add(new Series(name, List.copyOf(points)));
        return this;
    }

    String svg() {
        Svg svg = new Svg(WIDTH, HEIGHT);
        svg.text(LEFT, 22, "start", title);
        double maxX = STEPS * step(largest(true));
        double maxY = STEPS * step(largest(false));
        axes(svg, maxX, maxY);
        for (int i = 0; i < series.size(); i++) {
            draw(svg, series.get(i), i, maxX, maxY);
        }
        return svg.file();
    }

    private double largest(boolean horizontal) {
        return series.stream()
                .flatMap(each -> each.points().stream())
                .mapToDouble(point -> horizontal ? point.x() : point.y())
                .max()
                .orElse(1);
    }

    /** The smallest of 1, 2, 3 or 5 times a power of ten that takes the axis past a value. */
    private static double step(double largest) {
        double least = Math.max(1e-9, largest) / STEPS;
        double power = Math.pow(10, Math.floor(Math.log10(least)));
        return DoubleStream.of(1, 2, 3, 5, 10)
                .map(digit -> digit * power)
                .filter(step -> step >= least * (1 - 1e-9))
                .findFirst()
                .orElseThrow();
    }

    private void axes(Svg svg, double maxX, double maxY) {
        for (int step = 0; step <= STEPS; step++) {
            double y = y(maxY * step / STEPS, maxY);
            svg.line(LEFT, y, WIDTH - RIGHT, y, "#dddddd");
            svg.text(LEFT - 6, y + 4, "end", number(maxY * step / STEPS));
            double x = x(maxX * step / STEPS, maxX);
            svg.text(x, HEIGHT - BOTTOM + 18, "middle", number(maxX * step / STEPS));
        }
        svg.line(LEFT, TOP, LEFT, HEIGHT - BOTTOM, "#444444");
        svg.line(LEFT, HEIGHT - BOTTOM, WIDTH - RIGHT, HEIGHT - BOTTOM, "#444444");
        svg.text((LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 10, "middle", across);
    }

    private void draw(Svg svg, Series drawn, int index, double maxX, double maxY) {
        String colour = Svg.colour(index);
        StringBuilder path = new StringBuilder();
        for (Point point : drawn.points()) {
            double x = x(point.x(), maxX);
            double y = y(point.y(), maxY);
            path.append(String.format(Locale.ROOT, "%.1f,%.1f ", x, y));
            svg.dot(
                    x,
                    y,
                    colour,
                    drawn.name() + ": " + number(point.x()) + ", " + number(point.y()));
        }
        svg.path(path.toString().strip(), colour);
        double at = TOP + 18.0 * index;
        svg.rectangle(WIDTH - RIGHT + 18.0, at, 12, 12, colour, drawn.name());
        svg.text(WIDTH - RIGHT + 36.0, at + 10, "start", drawn.name());
    }

    private static double x(double value, double max) {
        return LEFT + value / max * (WIDTH - LEFT - RIGHT);
    }

    private static double y(double value, double max) {
        return HEIGHT - BOTTOM - value / max * (HEIGHT - TOP - BOTTOM);
    }

    private static String number(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e6
                ? Long.toString((long) value)
                : String.format(Locale.ROOT, Math.abs(value) >= 100 ? "%.0f" : "%.2f", value);
    }
}
