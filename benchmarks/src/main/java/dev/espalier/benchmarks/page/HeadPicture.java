package dev.espalier.benchmarks.page;

import dev.espalier.protocol.job.HeadMap;
import java.util.List;
import java.util.Locale;

/**
 * Which heads were kept: a cell for every head, the darker the more of all updates of all rounds
 * held it.
 */
final class HeadPicture {

    private static final int CELL = 30;
    private static final int LEFT = 250;
    private static final int TOP = 56;

    private HeadPicture() {}

    static String svg(String title, HeadMap map) {
        int widest = map.blocks().stream().mapToInt(HeadMap.Block::heads).max().orElse(0);
        Svg svg =
                new Svg(
                        Math.max(LEFT + CELL * widest + 20, 480),
                        TOP + CELL * map.blocks().size() + 16);
        svg.text(12, 22, "start", title);
        for (int head = 0; head < widest; head++) {
            svg.text(LEFT + CELL * (head + 0.5), TOP - 8, "middle", Integer.toString(head));
        }
        for (int block = 0; block < map.blocks().size(); block++) {
            row(svg, map, block);
        }
        return svg.file();
    }

    private static void row(Svg svg, HeadMap map, int block) {
        HeadMap.Block named = map.blocks().get(block);
        double y = TOP + (double) CELL * block;
        svg.text(LEFT - 8, y + CELL / 2.0 + 4, "end", named.name());
        for (int head = 0; head < named.heads(); head++) {
            double share = share(map.rounds(), block, head);
            svg.rectangle(
                    LEFT + (double) CELL * head,
                    y,
                    CELL - 2,
                    CELL - 2,
                    shade(share),
                    "%s, head %d: in %.0f %% of the updates"
                            .formatted(named.name(), head, 100 * share));
        }
    }

    private static double share(List<HeadMap.Round> rounds, int block, int head) {
        int kept = 0;
        int all = 0;
        for (HeadMap.Round round : rounds) {
            kept += round.contributors().get(block).get(head);
            all += round.cohort();
        }
        return all == 0 ? 0 : (double) kept / all;
    }

    /** From nearly white to dark blue. */
    private static String shade(double share) {
        int red = (int) Math.round(238 - share * 211);
        int green = (int) Math.round(242 - share * 168);
        int blue = (int) Math.round(247 - share * 127);
        return String.format(Locale.ROOT, "#%02x%02x%02x", red, green, blue);
    }
}
