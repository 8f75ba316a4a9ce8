package dev.espalier.agent.work;

import dev.espalier.lm.adapter.AdapterLayout;
import dev.espalier.lm.adapter.AdapterPart;
import dev.espalier.lm.family.LinearLayer;
import dev.espalier.protocol.work.Assignment;
import dev.espalier.protocol.work.RankPlan;
import dev.espalier.tensors.masked.IndexSet;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * The rank-1 components that a round trains (algorithms.md B.4).
 *
 * @param components of every module of the adapter
 * @param truncated the others are not held at all; else they are held and frozen
 */
record ComponentPlan(Map<String, IndexSet> components, boolean truncated) {

    /**
     * @param model received, with the whole adapter
     * @return empty: all components are trained
     * @throws CannotDoException if the scope names what the adapter does not have, or a truncated
     *     adapter would have other ranks in different modules
     */
    static Optional<ComponentPlan> of(Assignment.Train train, ReadyModel model) {
        Map<String, List<Integer>> named = train.scope().components();
        if (named == null) {
            return Optional.empty();
        }
        int rank = model.adapter().rank();
        Set<String> unknown = new HashSet<>(named.keySet());
        Map<String, IndexSet> components = new TreeMap<>();
        for (LinearLayer target :
                new AdapterLayout(model.base().structure(), model.adapter()).targets()) {
            unknown.remove(target.module());
            components.put(target.module(), indices(target.module(), named, rank));
        }
        if (!unknown.isEmpty()) {
            throw new CannotDoException(
                    "scope.components names %s, which the adapter has no module for"
                            .formatted(new ArrayList<>(unknown)));
        }
        RankPlan plan = train.ranks();
        ComponentPlan found = new ComponentPlan(components, plan != null && plan.truncated());
        return Optional.of(found.requireOneRank());
    }

    private static IndexSet indices(String module, Map<String, List<Integer>> named, int rank) {
        List<Integer> chosen = named.get(module);
        if (chosen == null) {
            return IndexSet.of(IntStream.range(0, rank).toArray());
        }
        if (!chosen.isEmpty() && chosen.getLast() >= rank) {
            throw new CannotDoException(
                    "scope.components names component %d of %s, which has %d"
                            .formatted(chosen.getLast(), module, rank));
        }
        return IndexSet.of(chosen.stream().mapToInt(Integer::intValue).toArray());
    }

    private ComponentPlan requireOneRank() {
        long ranks = components.values().stream().mapToInt(IndexSet::size).distinct().count();
        if (truncated && (ranks != 1 || rank() == 0)) {
            throw new CannotDoException(
                    "a truncated adapter needs as many components of every module, one at least");
        }
        return this;
    }

    /** Of every module, where the adapter is truncated. */
    int rank() {
        return components.values().iterator().next().size();
    }

    /** What belongs to them. */
    AdapterPart part() {
        return AdapterPart.ofComponents(components);
    }
}
