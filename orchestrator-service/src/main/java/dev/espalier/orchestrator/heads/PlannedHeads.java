package dev.espalier.orchestrator.heads;

import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.job.HeadPruningSpec;
import dev.espalier.protocol.model.ModelStructure;
import dev.espalier.protocol.update.HeadAllowance;
import dev.espalier.protocol.work.HeadPlan;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

/**
 * What a round asks of attention heads, decided and recorded when its cohort was drawn.
 *
 * @param sparsity of this round
 * @param atMost heads of the whole model that each client keeps
 * @param starved for how many rounds nobody has kept each head, before this one
 * @param forced at most one head for each client
 */
public record PlannedHeads(
        BigDecimal sparsity, int atMost, Starvation starved, List<Forced> forced) {

    /**
     * A head that one client has to keep, since nobody did for long (algorithms.md D.7, ours).
     *
     * @param block name of its block
     */
    public record Forced(AgentName agent, String block, int head) {}

    /**
     * @param cohort its members
     * @param lot draws who has to keep what: smallest unsigned number first, ties to the lower name
     */
    public static PlannedHeads plan(
            HeadPruningSpec settings,
            ModelStructure structure,
            BigDecimal sparsity,
            Starvation starved,
            List<AgentName> cohort,
            ToLongFunction<AgentName> lot) {
        return new PlannedHeads(
                sparsity,
                HeadBudget.of(structure, settings.ranking(), sparsity),
                starved,
                settings.forcedKeepAfter() == 0
                        ? List.of()
                        : forced(
                                starved.since(settings.forcedKeepAfter(), structure), cohort, lot));
    }

    private static List<Forced> forced(
            List<Starvation.Starved> starved,
            List<AgentName> cohort,
            ToLongFunction<AgentName> lot) {
        List<AgentName> drawn = new ArrayList<>(cohort);
        drawn.sort(
                Comparator.comparing(lot::applyAsLong, Long::compareUnsigned)
                        .thenComparing(Comparator.naturalOrder()));
        List<Forced> forced = new ArrayList<>();
        for (int i = 0; i < Math.min(starved.size(), drawn.size()); i++) {
            Starvation.Starved head = starved.get(i);
            forced.add(new Forced(drawn.get(i), head.block(), head.head()));
        }
        return List.copyOf(forced);
    }

    /** What one client may keep and what it has to. */
    public HeadAllowance allowance(AgentName agent) {
        Map<String, List<Integer>> own =
                forced.stream()
                        .filter(head -> head.agent().equals(agent))
                        .collect(Collectors.toMap(Forced::block, head -> List.of(head.head())));
        return new HeadAllowance(atMost, own);
    }

    /** What one client is asked to do. */
    public HeadPlan of(AgentName agent, HeadPruningSpec settings) {
        return new HeadPlan(sparsity, settings, allowance(agent));
    }
}
