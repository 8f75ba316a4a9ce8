package dev.espalier.orchestrator.ranks;

import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.job.RankAllotment;
import dev.espalier.protocol.job.RankAllotment.Tier;
import dev.espalier.protocol.job.RankSpec;
import dev.espalier.protocol.update.RoundSessionView.ModuleComponents;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Shares and settings for tests. */
final class Cohort {

    private Cohort() {}

    /** One client for each rank: {@code agent-00}, {@code agent-01} and so on. */
    static List<Share> of(int... ranks) {
        List<Share> shares = new ArrayList<>();
        for (int rank : ranks) {
            shares.add(new Share(agent(shares.size()), rank, null));
        }
        return shares;
    }

    static AgentName agent(int place) {
        return new AgentName("agent-%02d".formatted(place));
    }

    static RankSpec settings(
            RankSpec.Variant variant, @Nullable Integer coldStart, @Nullable Integer starvation) {
        return new RankSpec(
                variant, tiers(new Tier(1, null, null, null)), null, coldStart, starvation);
    }

    static RankAllotment.Tiers tiers(Tier... tiers) {
        return new RankAllotment.Tiers(List.of(tiers));
    }

    static ModuleComponents told(String module, List<Double> importance) {
        return told(module, importance, Collections.nCopies(importance.size(), 0));
    }

    static ModuleComponents told(String module, List<Double> importance, List<Integer> age) {
        return new ModuleComponents(
                module, Collections.nCopies(importance.size(), 1), importance, age, null);
    }
}
