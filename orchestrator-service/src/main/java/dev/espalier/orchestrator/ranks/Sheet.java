package dev.espalier.orchestrator.ranks;

import java.util.Locale;

/** An SVG that is being drawn. Names from outside cannot break it. */
final class Sheet {

    private final StringBuilder svg = new StringBuilder();

    /**
     * @param style CSS with a class {@code paper} for the ground
     */
    Sheet(int width, int height, String title, String style) {
        svg.append(
                ("<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"%d\" height=\"%d\""
                                + " viewBox=\"0 0 %d %d\">\n")
                        .formatted(width, height, width, height));
        svg.append("<title>").append(escaped(title)).append("</title>\n").append(style);
        svg.append("<rect class=\"paper\" width=\"100%\" height=\"100%\"/>\n");
    }

    void text(String look, int x, int y, String words) {
        svg.append(
                "<text class=\"%s\" x=\"%d\" y=\"%d\">%s</text>\n"
                        .formatted(look, x, y, escaped(words)));
    }

    /** Text that runs downwards. */
    void textDown(int x, int y, String words) {
        svg.append(
                "<text transform=\"translate(%d %d) rotate(90)\">%s</text>\n"
                        .formatted(x, y, escaped(words)));
    }

    void box(String look, int x, int y, int wide, int high, double opacity) {
        svg.append(rectangle(look, x, y, wide, high, opacity)).append("/>\n");
    }

    /** A box that says what it is when it is pointed at. */
    void box(String look, int x, int y, int wide, int high, double opacity, String words) {
        svg.append(rectangle(look, x, y, wide, high, opacity))
                .append("><title>")
                .append(escaped(words))
                .append("</title></rect>\n");
    }

    /** Lines on whole pixels, inside a box of that size. */
    void frame(String look, int x, int y, int wide, int high) {
        svg.append(
                "<rect class=\"%s\" x=\"%d.5\" y=\"%d.5\" width=\"%d\" height=\"%d\"/>\n"
                        .formatted(look, x, y, wide - 1, high - 1));
    }

    String done() {
        return svg.append("</svg>\n").toString();
    }

    private static String rectangle(String look, int x, int y, int wide, int high, double opacity) {
        return String.format(
                Locale.ROOT,
                "<rect class=\"%s\" fill-opacity=\"%.3f\" x=\"%d\" y=\"%d\" width=\"%d\""
                        + " height=\"%d\"",
                look,
                opacity,
                x,
                y,
                wide,
                high);
    }

    private static String escaped(String words) {
        return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
