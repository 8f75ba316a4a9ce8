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
    private static final String TITLE =
            "Rank-1 components: what they are worth and who trains them";

    /** No line is drawn in or beside a cell of so many pixels. */
    private static final int SMALL = 4;

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
    private final int roundCell;
    private final int row;
    private final int foot;
    private final Sheet sheet;

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
        this.foot = HEADING + map.modules().stream().mapToInt(m -> height(m) + GAP).sum();
        int width = right + Math.max(clients.size() * CELL, NARROWEST_PANEL) + MARGIN;
        this.sheet = new Sheet(width, foot + names() + 6 * MARGIN, TITLE, STYLE);
    }

    public static String svg(ComponentMap map) {
        return new ComponentPicture(map).drawn();
    }

    private String drawn() {
        sheet.text("title", MARGIN, MARGIN + GAP, TITLE);
        sheet.text("panel", left, HEADING - GAP, "importance, by round");
        sheet.text("panel", right, HEADING - GAP, "trained, by client");
        int y = HEADING;
        for (int module = 0; module < map.modules().size(); module++) {
            module(module, y);
            y += height(map.modules().get(module)) + GAP;
        }
        rounds(foot + CELL);
        names(foot + 2);
        legends(foot + names() + 2 * MARGIN);
        return sheet.done();
    }

    /** At least a line of text, so that names do not run into each other. */
    private int height(Module module) {
        return Math.max(CELL, module.rank() * row);
    }

    /** Height of the longest name of a client, which runs downwards. */
    private int names() {
        return LETTER
                * clients.stream().mapToInt(client -> client.value().length()).max().orElse(5);
    }

    private void module(int module, int y) {
        Module shown = map.modules().get(module);
        int high = shown.rank() * row;
        sheet.text("", MARGIN, y + CELL - 2, shown.name());
        sheet.box("none", left, y, map.rounds().size() * roundCell, high, 1);
        sheet.box("none", right, y, clients.size() * CELL, high, 1);
        double most = most(module);
        for (int component = 0; component < shown.rank(); component++) {
            int top = y + component * row;
            for (int column = 0; column < map.rounds().size(); column++) {
                worth(module, component, column, top, most);
            }
            for (int column = 0; column < clients.size(); column++) {
                trained(module, component, column, top);
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

    private void worth(int module, int component, int column, int y, double most) {
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
        sheet.box("worth", x, y, inside(roundCell), inside(row), share, words);
    }

    private void trained(int module, int component, int column, int y) {
        AgentName client = clients.get(column);
        int times = training.times(client, module, component);
        int rounds = training.rounds(client);
        String name = map.modules().get(module).name();
        String words =
                "%s, %s, component %d: to train in %d of %d rounds"
                        .formatted(client, name, component, times, rounds);
        int x = right + column * CELL;
        sheet.box("trained", x, y, inside(CELL), inside(row), (double) times / rounds, words);
        if (training.inLastRound(client, module, component) && row > SMALL) {
            sheet.frame("last", x, y, inside(CELL), inside(row));
        }
    }

    /** What a cell fills, so that a line is left to the next one where there is room. */
    private static int inside(int cell) {
        return cell > SMALL ? cell - 1 : cell;
    }

    private void rounds(int y) {
        sheet.text("", MARGIN, y, "round");
        int every = Math.max(1, (4 * LETTER + roundCell - 1) / roundCell);
        for (int column = 0; column < map.rounds().size(); column += every) {
            String number = Integer.toString(map.rounds().get(column).number());
            sheet.text("", left + column * roundCell, y, number);
        }
    }

    private void names(int y) {
        for (int column = 0; column < clients.size(); column++) {
            sheet.textDown(right + column * CELL + 2, y, clients.get(column).value());
        }
    }

    private void legends(int y) {
        legend("worth", left, y, "of the largest of its module");
        int more = training.clients().size() - clients.size();
        String others = more > 0 ? "; and %d clients more".formatted(more) : "";
        legend("trained", right, y, "of its rounds; framed: in the last" + others);
    }

    private void legend(String look, int from, int y, String words) {
        for (int i = 0; i < LEGEND_PERCENT.size(); i++) {
            int percent = LEGEND_PERCENT.get(i);
            int x = from + i * LEGEND;
            sheet.box("none", x, y, CELL, CELL, 1);
            sheet.box(look, x, y, CELL, CELL, percent / 100.0);
            sheet.text("", x + CELL + 4, y + CELL - 2, percent + " %");
        }
        sheet.text("", from, y + 2 * CELL + 4, words);
    }
}
