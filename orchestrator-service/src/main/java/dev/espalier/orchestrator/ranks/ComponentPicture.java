package dev.espalier.orchestrator.ranks;

import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.job.ComponentMap;
import dev.espalier.protocol.job.ComponentMap.Module;
import java.util.List;
import java.util.Locale;

/**
 * The component map as SVG in two panels that share their rows, one for each component, grouped by
 * module. Left, a column for each round: the stronger the colour, the larger the importance among
 * all of the module so far. Right, a column for each client: the stronger the colour, the larger
 * the share of its rounds in which it was to train the component; what it was to train in the last
 * round is framed. Colours follow the reader's choice of light or dark.
 */
public final class ComponentPicture {

    private static final int CELL = 12;
    private static final int NARROWEST_CELL = 2;
    private static final int WIDEST_PANEL = 900;
    private static final int TALLEST_GRID = 9000;
    private static final int MOST_CLIENTS = 100;
    private static final int GAP = 8;
    private static final int MARGIN = 16;
    private static final int LETTER = 7;
    private static final int LEGEND = 64;
    private static final int HEADING = 64;
    private static final int BETWEEN = 32;
    private static final int NARROWEST_PANEL = 5 * LEGEND;
    private static final List<Integer> LEGEND_PERCENT = List.of(0, 25, 50, 75, 100);

    private static final String STYLE =
            """
            <style>
            svg { --paper: #ffffff; --ink: #1f2328; --none: #e7ebf0; --worth: #0a52b5; \
            --trained: #9a4a00; }
            @media (prefers-color-scheme: dark) {
            svg { --paper: #0d1117; --ink: #e6edf3; --none: #262c36; --worth: #6cb2ff; \
            --trained: #ffa657; }
            }
            text { fill: var(--ink); font: 11px sans-serif; }
            .title { font-size: 14px; font-weight: bold; } .panel { font-weight: bold; }
            .paper { fill: var(--paper); } .none { fill: var(--none); }
            .worth { fill: var(--worth); } .trained { fill: var(--trained); }
            .last { fill: none; stroke: var(--ink); }
            </style>
            """;

    private final ComponentMap map;
    private final Training training;
    private final List<AgentName> clients;
    private final int left;
    private final int right;
    private final int width;
    private final int roundCell;
    private final int row;
    private final StringBuilder svg = new StringBuilder();

    private ComponentPicture(ComponentMap map) {
        this.map = map;
        this.training = Training.of(map);
        this.clients = training.clients().stream().limit(MOST_CLIENTS).toList();
        int longest = map.modules().stream().mapToInt(m -> m.name().length()).max().orElse(0);
        int rounds = map.rounds().size();
        int rows = map.modules().stream().mapToInt(Module::rank).sum();
        this.roundCell = Math.clamp(WIDEST_PANEL / Math.max(1, rounds), NARROWEST_CELL, CELL);
        this.row = Math.clamp(TALLEST_GRID / Math.max(1, rows), NARROWEST_CELL, CELL);
        this.left = MARGIN + LETTER * Math.max(longest, 5) + GAP;
        this.right = left + Math.max(rounds * roundCell, NARROWEST_PANEL) + BETWEEN;
        this.width = right + Math.max(clients.size() * CELL, NARROWEST_PANEL) + MARGIN;
    }

    public static String svg(ComponentMap map) {
        return new ComponentPicture(map).drawn();
    }

    private String drawn() {
        int foot = HEADING;
        StringBuilder grid = new StringBuilder();
        for (int module = 0; module < map.modules().size(); module++) {
            module(grid, module, foot);
            foot += height(map.modules().get(module)) + GAP;
        }
        frame(foot + names() + 6 * MARGIN);
        svg.append(grid);
        axes(foot + CELL);
        legends(foot + names() + 2 * MARGIN);
        return svg.append("</svg>\n").toString();
    }

    private void frame(int height) {
        String title = "Rank-1 components: what they are worth and who trains them";
        svg.append(
                ("<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"%d\" height=\"%d\""
                                + " viewBox=\"0 0 %d %d\">\n")
                        .formatted(width, height, width, height));
        svg.append("<title>").append(title).append("</title>\n").append(STYLE);
        svg.append("<rect class=\"paper\" width=\"100%\" height=\"100%\"/>\n");
        text("title", MARGIN, MARGIN + GAP, title);
        text("panel", left, HEADING - GAP, "importance, by round");
        text("panel", right, HEADING - GAP, "trained, by client");
    }

    /** One row is at least as high as its name, so that names do not run into each other. */
    private int height(Module module) {
        return Math.max(CELL, module.rank() * row);
    }

    private void module(StringBuilder grid, int module, int y) {
        Module shown = map.modules().get(module);
        label(grid, "", MARGIN, y + CELL - 2, shown.name());
        int high = shown.rank() * row;
        grid.append(square("none", left, y, map.rounds().size() * roundCell, high, 1));
        grid.append(square("none", right, y, clients.size() * CELL, high, 1));
        double most = most(module);
        for (int component = 0; component < shown.rank(); component++) {
            int top = y + component * row;
            for (int column = 0; column < map.rounds().size(); column++) {
                worth(grid, module, component, column, top, most);
            }
            for (int column = 0; column < clients.size(); column++) {
                trained(grid, module, component, column, top);
            }
        }
    }

    private double most(int module) {
        return map.rounds().stream()
                .flatMap(round -> round.importance().get(module).stream())
                .mapToDouble(Double::doubleValue)
                .max()
                .orElse(0);
    }

    private void worth(
            StringBuilder grid, int module, int component, int column, int y, double most) {
        ComponentMap.Round round = map.rounds().get(column);
        double importance = round.importance().get(module).get(component);
        String words =
                String.format(
                        Locale.ROOT,
                        "round %d, %s, component %d: importance %.3g, trained by %d of %d,"
                                + " untouched for %d",
                        round.number(),
                        map.modules().get(module).name(),
                        component,
                        importance,
                        round.contributors().get(module).get(component),
                        round.cohort(),
                        round.age().get(module).get(component));
        double share = most > 0 ? importance / most : 0;
        int x = left + column * roundCell;
        grid.append(cell("worth", x, y, roundCell, share, words));
    }

    private void trained(StringBuilder grid, int module, int component, int column, int y) {
        AgentName client = clients.get(column);
        int times = training.times(client, module, component);
        int rounds = training.rounds(client);
        int x = right + column * CELL;
        String words =
                "%s, %s, component %d: to train in %d of %d rounds"
                        .formatted(
                                client, map.modules().get(module).name(), component, times, rounds);
        grid.append(cell("trained", x, y, CELL, (double) times / rounds, words));
        if (training.inLastRound(client, module, component) && row > 4) {
            grid.append(
                    "<rect class=\"last\" x=\"%d.5\" y=\"%d.5\" width=\"%d\" height=\"%d\"/>\n"
                            .formatted(x, y, CELL - 2, row - 2));
        }
    }

    private String cell(String look, int x, int y, int wide, double opacity, String words) {
        return String.format(
                Locale.ROOT,
                "<rect class=\"%s\" fill-opacity=\"%.3f\" x=\"%d\" y=\"%d\" width=\"%d\""
                        + " height=\"%d\"><title>%s</title></rect>\n",
                look,
                opacity,
                x,
                y,
                wide - (wide > 4 ? 1 : 0),
                row - (row > 4 ? 1 : 0),
                escaped(words));
    }

    /** Numbers of the rounds and names of the clients, these downwards. */
    private void axes(int y) {
        text("", MARGIN, y, "round");
        int every = Math.max(1, (4 * LETTER + roundCell - 1) / roundCell);
        for (int column = 0; column < map.rounds().size(); column += every) {
            String number = Integer.toString(map.rounds().get(column).number());
            text("", left + column * roundCell, y, number);
        }
        for (int column = 0; column < clients.size(); column++) {
            int x = right + column * CELL + 2;
            int top = y - CELL + 2;
            svg.append(
                    "<text transform=\"translate(%d %d) rotate(90)\">%s</text>\n"
                            .formatted(x, top, escaped(clients.get(column).value())));
        }
    }

    private int names() {
        return LETTER
                * clients.stream().mapToInt(client -> client.value().length()).max().orElse(5);
    }

    private void legends(int y) {
        legend("worth", left, y, "of the largest of its module");
        int more = training.clients().size() - clients.size();
        legend(
                "trained",
                right,
                y,
                "of its rounds; framed: in the last"
                        + (more > 0 ? "; and %d clients more".formatted(more) : ""));
    }

    private void legend(String look, int from, int y, String words) {
        for (int i = 0; i < LEGEND_PERCENT.size(); i++) {
            int percent = LEGEND_PERCENT.get(i);
            int x = from + i * LEGEND;
            svg.append(square("none", x, y, CELL, CELL, 1));
            svg.append(square(look, x, y, CELL, CELL, percent / 100.0));
            text("", x + CELL + 4, y + CELL - 2, percent + " %");
        }
        text("", from, y + 2 * CELL + 4, words);
    }

    private static String square(String look, int x, int y, int wide, int high, double opacity) {
        return String.format(
                Locale.ROOT,
                "<rect class=\"%s\" fill-opacity=\"%.2f\" x=\"%d\" y=\"%d\" width=\"%d\""
                        + " height=\"%d\"/>\n",
                look,
                opacity,
                x,
                y,
                wide,
                high);
    }

    private void text(String look, int x, int y, String words) {
        label(svg, look, x, y, words);
    }

    private static void label(StringBuilder to, String look, int x, int y, String words) {
        to.append(
                "<text class=\"%s\" x=\"%d\" y=\"%d\">%s</text>\n"
                        .formatted(look, x, y, escaped(words)));
    }

    private static String escaped(String words) {
        return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
