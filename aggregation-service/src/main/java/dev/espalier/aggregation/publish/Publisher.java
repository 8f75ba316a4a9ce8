package dev.espalier.aggregation.publish;

import dev.espalier.aggregation.Storage;
import dev.espalier.aggregation.neighbour.ModelRegistry;
import dev.espalier.aggregation.neighbour.VersionPaths;
import dev.espalier.problem.ProblemException;
import dev.espalier.protocol.ModelName;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.job.AdapterSpec;
import dev.espalier.protocol.job.TaskSpec;
import dev.espalier.protocol.model.Lineage;
import dev.espalier.protocol.model.ModelStructure;
import dev.espalier.protocol.model.PublishVersion;
import dev.espalier.protocol.model.VersionFile;
import dev.espalier.protocol.model.VersionKind;
import dev.espalier.protocol.model.VersionManifest;
import dev.espalier.protocol.problem.ProblemType;
import dev.espalier.protocol.update.AdapterLayout;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Makes the files of a version in a draft folder and publishes them. Files depend on content alone
 * and versions have keys, so all of this may be cut off anywhere and done again.
 */
@Component
class Publisher {

    private final ModelRegistry registry;
    private final Path drafts;

    Publisher(ModelRegistry registry, Storage storage) {
        this.registry = registry;
        this.drafts = storage.drafts();
    }

    /** What an adapter is an adapter of. */
    record Frame(VersionRef base, ModelStructure structure, AdapterSpec adapter, TaskSpec task) {

        /** alpha / rank. */
        double scale() {
            return adapter.alpha() / adapter.rank();
        }

        /** The same on another base of the same structure. */
        Frame on(VersionRef other) {
            return new Frame(other, structure, adapter, task);
        }

        /**
         * @throws ProblemException MODEL_DOES_NOT_FIT
         */
        AdapterLayout layout() {
            try {
                return AdapterLayout.of(structure, adapter, task);
            } catch (IllegalArgumentException e) {
                throw new ProblemException(
                        ProblemType.MODEL_DOES_NOT_FIT, String.valueOf(e.getMessage()));
            }
        }
    }

    Frame frame(VersionRef base, AdapterSpec adapter, TaskSpec task) {
        ModelStructure structure = registry.version(base).structure();
        if (structure == null) {
            throw new ProblemException(
                    ProblemType.MODEL_DOES_NOT_FIT,
                    base + " was registered without a structure; it is no base model");
        }
        return new Frame(base, structure, adapter, task);
    }

    /**
     * A PEFT folder.
     *
     * @param draft holds the adapter's weights, and whatever else goes with them
     */
    VersionManifest adapter(ModelName model, String key, Frame frame, Lineage lineage, Draft draft)
            throws IOException {
        HouseJson.write(PeftConfig.of(frame), draft.file(VersionPaths.ADAPTER_CONFIG));
        return publish(model, key, VersionKind.ADAPTER, draft, frame.base(), lineage, null);
    }

    Draft draft() throws IOException {
        return Draft.in(drafts);
    }

    VersionManifest publish(
            ModelName model,
            String key,
            VersionKind kind,
            Draft draft,
            VersionRef base,
            Lineage lineage,
            @Nullable ModelStructure structure)
            throws IOException {
        Map<VersionFile, Path> written = draft.written();
        List<VersionFile> files = draft.files(written);
        return registry.publish(
                model, new PublishVersion(key, kind, files, base, lineage, structure), written);
    }
}
