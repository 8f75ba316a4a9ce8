package dev.espalier.orchestrator.heads;

import dev.espalier.protocol.job.HeadMap;
import java.util.List;
import java.util.Locale;

/**
 * The head map as SVG: a column for each round, a row for each head, grouped by block; the stronger
 * the colour, the larger the share of the cohort that kept the head. Colours follow the reader's
 * choice of light or dark.
 */
public final class HeadPicture {

    private static final int CELL = 12;
    private static final int NARROWEST_CELL = 2;
    private static final int WIDEST_GRID = 1200;
    private static final int GAP = 8;
    private static final int MARGIN = 16;
    private static final int LETTER = 7;
    private static final int LEGEND = 64;
    private static final int HEADING = 40;
    private static final List<Integer> LEGEND_PERCENT = List.of(0, 25, 50, 75, 100);

    private static final String STYLE =
            """
            <style>
            svg { --paper: #ffffff; --ink: #1f2328; --none: #e7ebf0; --kept: #0a52b5; }
            @media (prefers-color-scheme: dark) {
            svg { --paper: #0d1117; --ink: #e6edf3; --none: #262c36; --kept: #6cb2ff; }
            }
            text { fill: var(--ink); font: 11px sans-serif; }
            .title { font-size: 14px; font-weight: bold; }
            .paper { fill: var(--paper); } .none { fill: var(--none); } .kept { fill: var(--kept); }
            </style>
            """;

    private final HeadMap map;
    private final int labels;
    private final int cell;
    private final StringBuilder svg = new StringBuilder();

    private HeadPicture(HeadMap map) {
        this.map = map;
        int longest =
                map.blocks().stream().mapToInt(block -> block.name().length()).max().orElse(0);
        this.labels = MARGIN + LETTER * Math.max(longest, 5) + GAP;
        int rounds = Math.max(1, map.rounds().size());
        this.cell = Math.clamp(WIDEST_GRID / rounds, NARROWEST_CELL, CELL);
    }

    public static String svg(HeadMap map) {
        return new HeadPicture(map).drawn();
    }

    private String drawn() {
        int heads = map.blocks().stream().mapToInt(HeadMap.Block::heads).sum();
        int grid = heads * CELL + map.blocks().size() * GAP;
        int width = Math.max(labels + map.rounds().size() * cell, labels + 5 * LEGEND) + MARGIN;
        int height = HEADING + grid + 4 * MARGIN + CELL;
        svg.append(
                ("<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"%d\" height=\"%d\""
                                + " viewBox=\"0 0 %d %d\">\n")
                        .formatted(width, height, width, height));
        svg.append("<title>Attention heads that clients kept, round by round</title>\n");
        svg.append(STYLE);
        svg.append("<rect class=\"paper\" width=\"100%\" height=\"100%\"/>\n");
        text("title", MARGIN, MARGIN + GAP, "Attention heads that clients kept, round by round");
        int y = HEADING;
        for (int block = 0; block < map.blocks().size(); block++) {
            block(block, y);
            y += map.blocks().get(block).heads() * CELL + GAP;
        }
        rounds(y + CELL);
        legend(y + 2 * MARGIN + CELL);
        return svg.append("</svg>\n").toString();
    }

    private void block(int index, int y) {
        HeadMap.Block block = map.blocks().get(index);
        text("", MARGIN, y + CELL - 2, block.name());
        svg.append(
                "<rect class=\"none\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"/>\n"
                        .formatted(labels, y, map.rounds().size() * cell, block.heads() * CELL));
        for (int column = 0; column < map.rounds().size(); column++) {
            for (int head = 0; head < block.heads(); head++) {
                head(index, column, head, y + head * CELL);
            }
        }
    }

    private void head(int block, int column, int head, int y) {
        HeadMap.Round round = map.rounds().get(column);
        int kept = round.contributors().get(block).get(head);
        double confidence = round.confidence().get(block).get(head);
        double share = round.cohort() == 0 ? 0 : (double) kept / round.cohort();
        String title =
                String.format(
                        Locale.ROOT,
                        "round %d, %s, head %d: kept by %d of %d, confidence %.3f",
                        round.number(),
                        map.blocks().get(block).name(),
                        head,
                        kept,
                        round.cohort(),
                        confidence);
        svg.append(
                String.format(
                        Locale.ROOT,
                        "<rect class=\"kept\" fill-opacity=\"%.3f\" x=\"%d\" y=\"%d\" width=\"%d\""
                                + " height=\"%d\"><title>%s</title></rect>\n",
                        share,
                        labels + column * cell,
                        y,
                        cell - (cell > 4 ? 1 : 0),
                        CELL - 1,
                        escaped(title)));
    }

    private void rounds(int y) {
        text("", MARGIN, y, "round");
        int every = Math.max(1, (4 * LETTER + cell - 1) / cell);
        for (int column = 0; column < map.rounds().size(); column += every) {
            int number = map.rounds().get(column).number();
            text("", labels + column * cell, y, Integer.toString(number));
        }
    }

    private void legend(int y) {
        text("", MARGIN, y + CELL - 2, "kept by");
        for (int i = 0; i < LEGEND_PERCENT.size(); i++) {
            int x = labels + i * LEGEND;
            int percent = LEGEND_PERCENT.get(i);
            svg.append(square("none", x, y, 1));
            svg.append(square("kept", x, y, percent / 100.0));
            text("", x + CELL + 4, y + CELL - 2, percent + " %");
        }
        text("", MARGIN, y + 2 * CELL + 2, "of the updates that counted");
    }

    private static String square(String look, int x, int y, double opacity) {
        return String.format(
                Locale.ROOT,
                "<rect class=\"%s\" fill-opacity=\"%.2f\" x=\"%d\" y=\"%d\" width=\"%d\""
                        + " height=\"%d\"/>\n",
                look,
                opacity,
                x,
                y,
                CELL,
                CELL);
    }

    private void text(String look, int x, int y, String words) {
        svg.append(
                "<text class=\"%s\" x=\"%d\" y=\"%d\">%s</text>\n"
                        .formatted(look, x, y, escaped(words)));
    }

    private static String escaped(String words) {
        return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
