package dev.espalier.benchmarks.page;

import dev.espalier.protocol.job.ComponentMap;
import java.util.List;
import java.util.stream.IntStream;

/** Which rank-1 components were trained, in what share of the updates of all rounds. */
final class ComponentPicture {

    private ComponentPicture() {}

    static String svg(String title, ComponentMap map) {
        return ShareMap.svg(
                title,
                "component",
                IntStream.range(0, map.modules().size()).mapToObj(i -> row(map, i)).toList());
    }

    private static ShareMap.Row row(ComponentMap map, int module) {
        ComponentMap.Module named = map.modules().get(module);
        return new ShareMap.Row(
                shortened(named.name()),
                IntStream.range(0, named.rank())
                        .mapToObj(component -> share(map.rounds(), module, component))
                        .toList());
    }

    /** Without what all modules have in front. */
    private static String shortened(String module) {
        int layer = module.indexOf("layer.");
        return layer < 0 ? module : module.substring(layer);
    }

    private static double share(List<ComponentMap.Round> rounds, int module, int component) {
        int trained = 0;
        int all = 0;
        for (ComponentMap.Round round : rounds) {
            trained += round.contributors().get(module).get(component);
            all += round.cohort();
        }
        return all == 0 ? 0 : (double) trained / all;
    }
}
