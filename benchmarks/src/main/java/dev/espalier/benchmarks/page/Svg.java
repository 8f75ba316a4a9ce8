package dev.espalier.benchmarks.page;

import java.util.Locale;

/** A picture in SVG 1.1, piece by piece. Lengths are in pixels; text is escaped. */
final class Svg {

    private static final String[] COLOURS = {
        "#1b6ca8", "#d1495b", "#2e8b57", "#edae49", "#6a4c93", "#00798c", "#8d6e63", "#555555",
        "#c2185b", "#7cb342"
    };

    private final StringBuilder body = new StringBuilder();
    private final int width;
    private final int height;

    Svg(int width, int height) {
        this.width = width;
        this.height = height;
    }

    /** Always the same for the same place in a list. */
    static String colour(int index) {
        return COLOURS[index % COLOURS.length];
    }

    Svg rectangle(double x, double y, double w, double h, String fill, String title) {
        line(
                "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%s\">",
                x, y, w, h, fill);
        body.append("<title>").append(escaped(title)).append("</title></rect>\n");
        return this;
    }

    Svg line(double x1, double y1, double x2, double y2, String stroke) {
        line(
                "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\"/>\n",
                x1, y1, x2, y2, stroke);
        return this;
    }

    /**
     * @param points "x,y x,y"
     */
    Svg path(String points, String stroke) {
        line(
                "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\"/>\n",
                points, stroke);
        return this;
    }

    Svg dot(double x, double y, String fill, String title) {
        line("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"2.5\" fill=\"%s\">", x, y, fill);
        body.append("<title>").append(escaped(title)).append("</title></circle>\n");
        return this;
    }

    /**
     * @param anchor start, middle or end
     */
    Svg text(double x, double y, String anchor, String text) {
        line("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">", x, y, anchor);
        body.append(escaped(text)).append("</text>\n");
        return this;
    }

    private void line(String format, Object... values) {
        body.append(String.format(Locale.ROOT, format, values));
    }

    /** The whole file. */
    String file() {
        return """
        <svg xmlns="http://www.w3.org/2000/svg" width="%1$d" height="%2$d" \
        viewBox="0 0 %1$d %2$d" font-family="sans-serif" font-size="12">
        <rect width="%1$d" height="%2$d" fill="white"/>
        %3$s</svg>
        """
                .formatted(width, height, body);
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
