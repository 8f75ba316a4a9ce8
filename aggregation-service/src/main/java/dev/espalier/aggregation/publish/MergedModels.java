package dev.espalier.aggregation.publish;

import dev.espalier.aggregation.neighbour.ModelRegistry;
import dev.espalier.aggregation.neighbour.VersionPaths;
import dev.espalier.problem.ProblemException;
import dev.espalier.protocol.model.Lineage;
import dev.espalier.protocol.model.MatrixSparsity;
import dev.espalier.protocol.model.VersionKind;
import dev.espalier.protocol.model.VersionManifest;
import dev.espalier.protocol.problem.ProblemType;
import dev.espalier.protocol.update.MergeAdapter;
import dev.espalier.tensors.safetensors.SafetensorsFile;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
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
        try (BaseFiles files = BaseFiles.open(registry, base);
                Draft draft = publisher.draft()) {
            List<MatrixSparsity> sparsity = merge(files, adapter, draft);
            files.takeTheRest(draft);
            return publisher.publish(
                    asked.publishAs(),
                    "merged:" + asked.job(),
                    VersionKind.MERGED,
                    draft,
                    base.ref(),
                    lineage(asked, adapter, sparsity),
                    base.structure());
        }
    }

    private @Nullable List<MatrixSparsity> merge(
            BaseFiles base, VersionManifest adapter, Draft draft) throws IOException {
        ObjectNode peft = HouseJson.object(registry.file(adapter, VersionPaths.ADAPTER_CONFIG));
        try (SafetensorsFile changes =
                SafetensorsFile.open(registry.file(adapter, VersionPaths.ADAPTER_WEIGHTS))) {
            List<MatrixSparsity> sparsity =
                    base.merge(new AdapterAdditions(changes), scale(peft), false, draft);
            HouseJson.write(
                    writes(peft)
                            ? MergedConfig.writer(base.config())
                            : MergedConfig.classifier(
                                    base.config(), AdapterLabels.of(changes, outputs(changes))),
                    draft.file(VersionPaths.MODEL_CONFIG));
            return sparsity;
        }
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

    /** Rows of the task head's last layer; its bias, or its weight, is the smallest such tensor. */
    private static int outputs(SafetensorsFile adapter) {
        return adapter.names().stream()
                .filter(name -> !name.contains(".lora_"))
                .mapToInt(name -> (int) adapter.info(name).shape().rows())
                .min()
                .orElse(0);
    }

    private static Lineage lineage(
            MergeAdapter asked, VersionManifest adapter, @Nullable List<MatrixSparsity> sparsity) {
        List<Lineage.Contributor> contributors =
                adapter.lineage() == null ? List.of() : adapter.lineage().contributors();
        return new Lineage(asked.adapter(), asked.job(), null, 0, contributors, sparsity);
    }

    private static ProblemException misfit(String detail) {
        return new ProblemException(ProblemType.MODEL_DOES_NOT_FIT, detail);
    }
}
