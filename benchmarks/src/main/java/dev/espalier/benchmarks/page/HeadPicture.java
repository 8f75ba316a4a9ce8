package dev.espalier.benchmarks.page;

import dev.espalier.protocol.job.HeadMap;
import java.util.List;
import java.util.stream.IntStream;

/** Which heads were kept, in what share of the updates of all rounds. */
final class HeadPicture {

    private HeadPicture() {}

    static String svg(String title, HeadMap map) {
        return ShareMap.svg(
                title,
                "head",
                IntStream.range(0, map.blocks().size()).mapToObj(i -> row(map, i)).toList());
    }

    private static ShareMap.Row row(HeadMap map, int block) {
        HeadMap.Block named = map.blocks().get(block);
        return new ShareMap.Row(
                named.name(),
                IntStream.range(0, named.heads())
                        .mapToObj(head -> share(map.rounds(), block, head))
                        .toList());
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
}
