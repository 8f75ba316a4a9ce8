package dev.espalier.benchmarks.ranks;

import dev.espalier.benchmarks.experiment.Holding;
import dev.espalier.local.federation.AgentPlan;
import java.util.ArrayList;
import java.util.List;

/**
 * How strong a client is, by the uplink that its agent is configured with: of ten clients three are
 * weak, three middling and four strong (algorithms.md B.6, of third-party notes; B.7 says why we
 * take them).
 */
enum Tier {
    STRONG(1_000_000),
    MIDDLING(250_000),
    WEAK(125_000);

    private static final List<Tier> OF_TEN =
            List.of(WEAK, WEAK, WEAK, MIDDLING, MIDDLING, MIDDLING, STRONG, STRONG, STRONG, STRONG);

    /** Clients that the tiers are made for. */
    static final int CLIENTS = OF_TEN.size();

    private final long uplink;

    /**
     * @param uplink bytes in a second
     */
    Tier(long uplink) {
        this.uplink = uplink;
    }

    /** What a client of this tier has at least, in bytes a second. */
    long uplink() {
        return uplink;
    }

    /**
     * The holdings, with uplinks for those who train.
     *
     * @throws IllegalArgumentException if not ten of them train
     */
    static List<Holding> dealt(List<Holding> holdings) {
        List<Holding> dealt = new ArrayList<>();
        int clients = 0;
        for (Holding holding : holdings) {
            boolean trains = holding.agent().work() == AgentPlan.Work.TRAIN;
            if (trains && clients < CLIENTS) {
                dealt.add(OF_TEN.get(clients).given(holding));
            } else {
                dealt.add(holding);
            }
            clients += trains ? 1 : 0;
        }
        if (clients != CLIENTS) {
            throw new IllegalArgumentException(clients + " clients, but tiers for " + CLIENTS);
        }
        return dealt;
    }

    private Holding given(Holding holding) {
        AgentPlan.Means means = AgentPlan.Means.uplink(uplink);
        return new Holding(holding.agent().with(means), holding.rows());
    }
}
