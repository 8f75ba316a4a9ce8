package dev.espalier.benchmarks.experiment;

import dev.espalier.lm.compute.Precision;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How agents compute: one at a time.
 *
 * @param threads of one agent's computation
 * @param bfloat16 frozen layers in 16 bits, where the processor is made for it
 */
public record Computing(int threads, boolean bfloat16) {

    /** In what precision a model is computed here. */
    public Precision precision() {
        return bfloat16 ? Precision.bfloat16WhereSupported() : Precision.SINGLE;
    }

    /** For the report. */
    public Map<String, Object> told() {
        Map<String, Object> told = new LinkedHashMap<>();
        told.put("baseDropout", false);
        told.put("threadsOfAnAgent", threads);
        told.put("frozenLayersIn", precision().toString());
        told.put("agentsAtOnce", 1);
        return told;
    }

    /** Settings of the agents, by property name. */
    Map<String, String> settings() {
        return Map.of(
                "espalier.training.parallel",
                "1",
                "espalier.training.threads",
                Integer.toString(threads),
                "espalier.training.compute",
                bfloat16 ? "bf16-where-supported" : "single");
    }
}
