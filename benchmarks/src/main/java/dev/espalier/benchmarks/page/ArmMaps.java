package dev.espalier.benchmarks.page;

import dev.espalier.benchmarks.experiment.Run;
import dev.espalier.protocol.job.ComponentMap;
import dev.espalier.protocol.job.HeadMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Who held what, of the first seed of every arm where clients held different things.
 *
 * @param heads by arm
 * @param components by arm
 */
public record ArmMaps(Map<String, HeadMap> heads, Map<String, ComponentMap> components) {

    static final ArmMaps NONE = new ArmMaps(Map.of(), Map.of());

    /** Of these runs; the first of each arm counts. */
    public static ArmMaps of(List<Run> runs) {
        Map<String, HeadMap> heads = new LinkedHashMap<>();
        Map<String, ComponentMap> components = new LinkedHashMap<>();
        for (Run run : runs) {
            if (run.heads() != null) {
                heads.putIfAbsent(run.arm(), run.heads());
            }
            if (run.components() != null) {
                components.putIfAbsent(run.arm(), run.components());
            }
        }
        return new ArmMaps(heads, components);
    }
}
