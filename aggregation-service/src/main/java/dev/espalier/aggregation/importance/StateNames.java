package dev.espalier.aggregation.importance;

import dev.espalier.aggregation.combine.ModuleFactors;
import dev.espalier.protocol.job.ImportanceSpec;
import dev.espalier.protocol.update.AdapterTensor;
import java.util.Map;
import java.util.TreeMap;

/** What things are called in the file of the state. */
final class StateNames {

    private StateNames() {}

    /** F32, the shape of the factor. */
    static String sensitivity(AdapterTensor factor) {
        return factor.name() + "#sensitivity";
    }

    /** F32, the shape of the factor; only where it is ranked by. */
    static String uncertainty(AdapterTensor factor) {
        return factor.name() + "#uncertainty";
    }

    /** F32 [rank]; only where clients measure. */
    static String importance(ModuleFactors factors) {
        return factors.module() + "#importance";
    }

    /** I64 [rank]. */
    static String age(ModuleFactors factors) {
        return factors.module() + "#age";
    }

    /** The settings that the numbers depend on. */
    static Map<String, String> settings(ImportanceSpec importance) {
        Map<String, String> settings = new TreeMap<>();
        settings.put("schema", "1");
        settings.put("score", importance.score().name());
        settings.put("source", importance.source().name());
        settings.put("beta1", importance.beta1().toString());
        settings.put("beta2", importance.beta2().toString());
        return settings;
    }
}
