package dev.espalier.aggregation.publish;

import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.job.AdapterSpec;
import dev.espalier.protocol.model.ModelStructure;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * {@code adapter_config.json} as PEFT writes it for LoRA. Depends on the job's adapter, task and
 * base alone, so all rounds of a job that keeps its base share one file.
 */
final class PeftConfig {

    private PeftConfig() {}

    static SortedMap<String, @Nullable Object> of(Publisher.Frame frame) {
        AdapterSpec adapter = frame.adapter();
        ModelStructure structure = frame.structure();
        VersionRef base = frame.base();
        SortedMap<String, @Nullable Object> config = new TreeMap<>();
        config.put("alpha_pattern", Map.of());
        config.put("auto_mapping", null);
        config.put("base_model_name_or_path", base.model().value());
        config.put("bias", "none");
        config.put("fan_in_fan_out", structure.inputFirst());
        config.put("inference_mode", true);
        config.put("init_lora_weights", true);
        config.put("layers_pattern", null);
        config.put("layers_to_transform", null);
        config.put("lora_alpha", integerIfWhole(adapter.alpha()));
        config.put("lora_dropout", adapter.dropout());
        config.put("modules_to_save", modulesToSave(structure));
        config.put("peft_type", "LORA");
        config.put("r", adapter.rank());
        config.put("rank_pattern", Map.of());
        config.put("revision", Integer.toString(base.number()));
        config.put("target_modules", targetModules(adapter, structure));
        config.put("task_type", PeftTask.of(frame.task().kind()).name());
        return config;
    }

    /** The modules, not their layers: {@code classifier} stands for {@code classifier.dense}. */
    private static @Nullable List<String> modulesToSave(ModelStructure structure) {
        List<String> modules =
                structure.classificationHead().stream()
                        .map(linear -> linear.name().split("\\.", 2)[0])
                        .distinct()
                        .sorted()
                        .toList();
        return modules.isEmpty() ? null : modules;
    }

    private static List<String> targetModules(AdapterSpec adapter, ModelStructure structure) {
        List<String> named = adapter.targetModules();
        return (named == null ? structure.defaultTargetModules() : named)
                .stream().sorted().toList();
    }

    /** PEFT's alpha is an integer. */
    private static Number integerIfWhole(double alpha) {
        return alpha == Math.rint(alpha) ? (Number) Math.round(alpha) : (Number) alpha;
    }
}
