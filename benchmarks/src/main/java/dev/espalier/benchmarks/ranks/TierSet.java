package dev.espalier.benchmarks.ranks;

import dev.espalier.protocol.job.RankAllotment;
import java.util.List;

/**
 * How many components each tier trains.
 *
 * @param suffix behind the names of arms
 */
record TierSet(String suffix, int weak, int middling, int strong) {

    /** The clients upload 51.25 % of what the whole adapter takes (algorithms.md B.7). */
    static final TierSet USUAL = new TierSet("", 1, 2, 8);

    /** The other reading of the notes: 62.5 %. */
    static final TierSet HIGHER = new TierSet("-248", 2, 4, 8);

    RankAllotment allotment() {
        return new RankAllotment.Tiers(
                List.of(
                        tier(strong, Tier.STRONG),
                        tier(middling, Tier.MIDDLING),
                        tier(weak, Tier.WEAK)));
    }

    private static RankAllotment.Tier tier(int rank, Tier of) {
        return new RankAllotment.Tier(rank, null, of.uplink(), null);
    }
}
