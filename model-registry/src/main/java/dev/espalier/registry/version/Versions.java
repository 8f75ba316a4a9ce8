package dev.espalier.registry.version;

import dev.espalier.protocol.Digest;
import dev.espalier.protocol.ModelName;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.model.Lineage;
import dev.espalier.protocol.model.PublishVersion;
import dev.espalier.protocol.model.VersionFile;
import dev.espalier.protocol.model.VersionKind;
import dev.espalier.protocol.model.VersionManifest;
import dev.espalier.protocol.problem.Problem;
import dev.espalier.registry.blob.Blobs;
import dev.espalier.registry.model.Models;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.transaction.annotation.Transactional;

/**
 * The published versions. A number is drawn and its version written in one transaction that holds
 * the model, so numbers have no gaps and no publication is seen by halves.
 */
class Versions {

    private final VersionRows rows;
    private final Models models;
    private final Blobs blobs;
    private final ManifestRules rules;
    private final InstantSource clock;

    Versions(
            VersionRows rows,
            Models models,
            Blobs blobs,
            ManifestRules rules,
            InstantSource clock) {
        this.rows = rows;
        this.models = models;
        this.blobs = blobs;
        this.rules = rules;
        this.clock = clock;
    }

    @Transactional(readOnly = true)
    public Optional<VersionManifest> find(VersionRef ref) {
        return rows.findById(VersionId.of(ref)).map(VersionRow::manifest);
    }

    /** All versions of a model, in ascending order of number. */
    @Transactional(readOnly = true)
    public List<VersionManifest> all(ModelName model) {
        return rows.findByModel(model.value()).stream().map(VersionRow::manifest).toList();
    }

    /**
     * Publishes the next version, once per key. What is refused leaves nothing behind; what was
     * checked cannot become wrong later, since blobs and versions never go.
     */
    @Transactional
    public Publication publish(ModelName model, PublishVersion request) {
        List<Problem.Field> faults = rules.faults(request);
        if (!faults.isEmpty()) {
            return new Publication.Unfit(faults);
        }
        Digest fingerprint = StoredJson.fingerprint(request);
        Optional<Publication> earlier = earlier(model, request.key(), fingerprint);
        if (earlier.isPresent()) {
            return earlier.get();
        }
        Optional<Publication> refused = refusal(request);
        if (refused.isPresent()) {
            return refused.get();
        }
        models.holdOrCreate(model);
        // somebody may have published under this key while we waited for the model
        return earlier(model, request.key(), fingerprint)
                .orElseGet(() -> publishNext(model, request, fingerprint));
    }

    private Optional<Publication> earlier(ModelName model, String key, Digest fingerprint) {
        return rows.findByKey(model.value(), key)
                .map(row ->
                        row.request().digest().equals(fingerprint)
                                ? new Publication.AlreadyPublished(row.manifest())
                                : new Publication.Contradicts(row.manifest()));
    }

    private Publication publishNext(ModelName model, PublishVersion request, Digest fingerprint) {
        VersionManifest manifest =
                new VersionManifest(
                        model,
                        models.nextNumber(model),
                        request.kind(),
                        VersionManifest.digestOf(request.files()),
                        request.files(),
                        request.base(),
                        request.lineage(),
                        request.structure(),
                        clock.instant());
        rows.save(new VersionRow(manifest, new VersionRow.Request(request.key(), fingerprint)));
        return new Publication.Published(manifest);
    }

    private Optional<Publication> refusal(PublishVersion request) {
        List<Problem.Field> faults = new ArrayList<>();
        checkBase(request.base(), faults);
        checkParent(request.lineage(), faults);
        Map<Digest, Long> sizes =
                blobs.sizes(request.files().stream().map(VersionFile::digest).toList());
        checkSizes(request.files(), sizes, faults);
        if (!faults.isEmpty()) {
            return Optional.of(new Publication.Unfit(faults));
        }
        List<Problem.Field> missing = missing(request.files(), sizes);
        return missing.isEmpty()
                ? Optional.empty()
                : Optional.of(new Publication.BlobsMissing(missing));
    }

    private void checkBase(@Nullable VersionRef base, List<Problem.Field> faults) {
        if (base == null) {
            return;
        }
        Optional<VersionRow> row = rows.findById(VersionId.of(base));
        if (row.isEmpty()) {
            faults.add(new Problem.Field("base", "there is no version " + base));
        } else if (row.get().kind() == VersionKind.ADAPTER) {
            faults.add(new Problem.Field("base", base + " is an adapter itself"));
        }
    }

    private void checkParent(@Nullable Lineage lineage, List<Problem.Field> faults) {
        VersionRef parent = lineage == null ? null : lineage.parent();
        if (parent != null && rows.findById(VersionId.of(parent)).isEmpty()) {
            faults.add(new Problem.Field("lineage.parent", "there is no version " + parent));
        }
    }

    private static void checkSizes(
            List<VersionFile> files, Map<Digest, Long> sizes, List<Problem.Field> faults) {
        for (int i = 0; i < files.size(); i++) {
            VersionFile file = files.get(i);
            Long size = sizes.get(file.digest());
            if (size != null && size != file.size()) {
                faults.add(
                        new Problem.Field(
                                "files[%d].size".formatted(i),
                                "the blob of '%s' has %d bytes".formatted(file.path(), size)));
            }
        }
    }

    private static List<Problem.Field> missing(List<VersionFile> files, Map<Digest, Long> sizes) {
        List<Problem.Field> missing = new ArrayList<>();
        for (int i = 0; i < files.size(); i++) {
            VersionFile file = files.get(i);
            if (!sizes.containsKey(file.digest())) {
                missing.add(
                        new Problem.Field(
                                "files[%d].digest".formatted(i),
                                "the blob of '%s' has not been uploaded: %s"
                                        .formatted(file.path(), file.digest())));
            }
        }
        return missing;
    }
}
