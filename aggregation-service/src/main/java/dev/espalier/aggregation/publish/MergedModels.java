package dev.espalier.aggregation.publish;

import dev.espalier.aggregation.neighbour.ModelRegistry;
import dev.espalier.aggregation.neighbour.VersionPaths;
import dev.espalier.problem.ProblemException;
import dev.espalier.protocol.model.Lineage;
import dev.espalier.protocol.model.VersionKind;
import dev.espalier.protocol.model.VersionManifest;
import dev.espalier.protocol.problem.ProblemType;
import dev.espalier.protocol.update.MergeAdapter;
import dev.espalier.tensors.safetensors.SafetensorsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.springframework.stereotype.Component;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Publishes an adapter and its base as one model that needs neither, once per job. */
@Component
class MergedModels {

    private final Publisher publisher;
    private final ModelRegistry registry;

    MergedModels(Publisher publisher, ModelRegistry registry) {
        this.publisher = publisher;
        this.registry = registry;
    }

    VersionManifest publish(MergeAdapter asked) throws IOException {
        VersionManifest adapter = registry.version(asked.adapter());
        if (adapter.kind() != VersionKind.ADAPTER || adapter.base() == null) {
            throw misfit(asked.adapter() + " is no adapter");
        }
        VersionManifest base = registry.version(adapter.base());
        try (Draft draft = publisher.draft()) {
            Set<String> replaced = merge(base, adapter, draft);
            base.files().stream()
                    .filter(file -> !replaced.contains(file.path()))
                    .forEach(draft::take);
            return publisher.publish(
                    asked.publishAs(),
                    "merged:" + asked.job(),
                    VersionKind.MERGED,
                    draft,
                    base.ref(),
                    lineage(asked, adapter),
                    base.structure());
        }
    }

    /** Writes what is new, and returns the paths in the base that it stands for. */
    private Set<String> merge(VersionManifest base, VersionManifest adapter, Draft draft)
            throws IOException {
        Set<String> weights = weightPaths(base);
        ObjectNode peft = object(registry.file(adapter, VersionPaths.ADAPTER_CONFIG));
        List<SafetensorsFile> opened = new ArrayList<>();
        try (SafetensorsFile changes =
                SafetensorsFile.open(registry.file(adapter, VersionPaths.ADAPTER_WEIGHTS))) {
            for (String path : weights) {
                opened.add(SafetensorsFile.open(registry.file(base, path)));
            }
            new AdapterMerge(opened, changes, scale(peft), inputFirst(base))
                    .write(draft.file(VersionPaths.MODEL_WEIGHTS));
            ObjectNode config = object(registry.file(base, VersionPaths.MODEL_CONFIG));
            HouseJson.write(
                    writes(peft)
                            ? MergedConfig.writer(config)
                            : MergedConfig.classifier(
                                    config, AdapterLabels.of(changes, outputs(changes))),
                    draft.file(VersionPaths.MODEL_CONFIG));
        } finally {
            opened.forEach(SafetensorsFile::close);
        }
        weights.add(VersionPaths.MODEL_WEIGHTS_INDEX);
        weights.add(VersionPaths.MODEL_CONFIG);
        return weights;
    }

    /** One file, or the shards that the index names. */
    private Set<String> weightPaths(VersionManifest base) throws IOException {
        if (base.file(VersionPaths.MODEL_WEIGHTS).isPresent()) {
            return new TreeSet<>(Set.of(VersionPaths.MODEL_WEIGHTS));
        }
        Set<String> shards = new TreeSet<>();
        object(registry.file(base, VersionPaths.MODEL_WEIGHTS_INDEX))
                .path("weight_map")
                .forEach(shard -> shards.add(shard.asString()));
        return shards;
    }

    /** {@code alpha / r}, as the adapter itself says. */
    private static double scale(ObjectNode peft) {
        JsonNode alpha = peft.path("lora_alpha");
        JsonNode rank = peft.path("r");
        if (!alpha.isNumber() || !rank.isIntegralNumber() || rank.asInt() < 1) {
            throw misfit("the adapter does not say its lora_alpha and r");
        }
        return alpha.asDouble() / rank.asInt();
    }

    private static boolean writes(ObjectNode peft) {
        return PeftTask.of(peft).filter(task -> task != PeftTask.SEQ_CLS).isPresent();
    }

    private static boolean inputFirst(VersionManifest base) {
        return base.structure() != null && base.structure().inputFirst();
    }

    /** Rows of the task head's last layer; its bias, or its weight, is the smallest such tensor. */
    private static int outputs(SafetensorsFile adapter) {
        return adapter.names().stream()
                .filter(name -> !name.contains(".lora_"))
                .mapToInt(name -> (int) adapter.info(name).shape().rows())
                .min()
                .orElse(0);
    }

    private static ObjectNode object(Path file) throws IOException {
        try {
            if (HouseJson.MAPPER.readTree(Files.readString(file)) instanceof ObjectNode object) {
                return object;
            }
        } catch (JacksonException notJson) {
            // refused below, like any other JSON that is no object
        }
        throw misfit("a configuration file of the model is no JSON object");
    }

    private static Lineage lineage(MergeAdapter asked, VersionManifest adapter) {
        List<Lineage.Contributor> contributors =
                adapter.lineage() == null ? List.of() : adapter.lineage().contributors();
        return new Lineage(asked.adapter(), asked.job(), null, 0, contributors);
    }

    private static ProblemException misfit(String detail) {
        return new ProblemException(ProblemType.MODEL_DOES_NOT_FIT, detail);
    }
}
