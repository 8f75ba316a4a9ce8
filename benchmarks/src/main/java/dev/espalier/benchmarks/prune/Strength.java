package dev.espalier.benchmarks.prune;

import dev.espalier.benchmarks.experiment.Holding;
import dev.espalier.local.federation.AgentPlan;
import dev.espalier.protocol.job.LayerSamplingSpec;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;

/** How many layers a client can take, by the uplink that its agent is configured with. */
enum Strength {
    WHOLE(1_000_000, "1.0"),
    HALF(100_000, "0.5");

    private final long uplink;
    private final BigDecimal ratio;

    /**
     * @param uplink bytes in a second
     * @param ratio of the layers
     */
    Strength(long uplink, String ratio) {
        this.uplink = uplink;
        this.ratio = new BigDecimal(ratio);
    }

    /** Every second client is strong. */
    static List<Holding> dealt(List<Holding> holdings) {
        List<Holding> dealt = new ArrayList<>();
        for (Holding holding : holdings) {
            boolean prunes = holding.agent().work() == AgentPlan.Work.TRAIN;
            Strength strength = dealt.size() % 2 == 0 ? WHOLE : HALF;
            dealt.add(prunes ? strength.given(holding) : holding);
        }
        return dealt;
    }

    private Holding given(Holding holding) {
        AgentPlan.Means means = AgentPlan.Means.uplink(uplink);
        return new Holding(holding.agent().with(means), holding.rows());
    }

    /** Layers by these strengths; those that nobody drew are given to somebody. */
    static LayerSamplingSpec sampled() {
        List<LayerSamplingSpec.Tier> tiers = new ArrayList<>();
        for (Strength strength : values()) {
            tiers.add(new LayerSamplingSpec.Tier(strength.ratio, null, strength.uplink, null));
        }
        return new LayerSamplingSpec(tiers, true);
    }
}
