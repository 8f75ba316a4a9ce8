package dev.espalier.agent.upload;

import dev.espalier.lm.adapter.AdapterWeights;
import dev.espalier.protocol.Digest;
import dev.espalier.protocol.update.AdapterLayout;
import dev.espalier.protocol.update.AdapterTensor;
import dev.espalier.protocol.update.PruningManifest;
import dev.espalier.protocol.update.Quantisation;
import dev.espalier.protocol.update.UpdateManifest;
import dev.espalier.tensors.DType;
import dev.espalier.tensors.masked.MaskedTensor;
import dev.espalier.tensors.masked.UpdateFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** Writes what an agent hands in: the tensors its scope names, and nothing else. */
public final class UpdateWriter {

    private final JsonMapper json;

    public UpdateWriter(JsonMapper json) {
        this.json = json;
    }

    /**
     * Writes the file, forced to disk and moved into place as a whole, with the bits that the
     * manifest tells.
     *
     * @param trained the whole adapter; only what is in scope is written
     * @return digest of the file
     */
    public Digest write(
            Path file, AdapterLayout layout, AdapterWeights trained, UpdateManifest manifest)
            throws IOException {
        List<MaskedTensor> tensors = new ArrayList<>();
        for (AdapterTensor tensor : layout.tensors()) {
            AdapterLayout.Part part = layout.part(tensor, manifest.scope());
            if (!part.isEmpty()) {
                CoveredPart covered = new CoveredPart(tensor, part);
                tensors.add(
                        packed(covered, trained.values(tensor.name()), manifest.quantisation()));
            }
        }
        Map<String, String> metadata =
                Map.of(UpdateManifest.METADATA_KEY, json.writeValueAsString(manifest));
        UpdateFile.write(file, metadata, tensors, DType.F32);
        return digest(file);
    }

    /**
     * Writes the file of a pruning, forced to disk and moved into place as a whole.
     *
     * @param pruned every matrix in scope
     * @return digest of the file
     */
    public Digest write(Path file, PruningSpool pruned, PruningManifest manifest)
            throws IOException {
        pruned.write(file, Map.of(PruningManifest.METADATA_KEY, json.writeValueAsString(manifest)));
        return digest(file);
    }

    /** The task head is always sent as it is. */
    private static MaskedTensor packed(
            CoveredPart covered, float[] values, @Nullable Quantisation quantisation) {
        return quantisation == null || covered.tensor().kind().isTaskHead()
                ? covered.exact(values)
                : covered.quantised(values, PackingChoice.precisions(covered, quantisation.bits()));
    }

    private static Digest digest(Path file) throws IOException {
        try (DigestInputStream bytes = new DigestInputStream(openFile(file), Digest.sha256())) {
            bytes.transferTo(OutputStream.nullOutputStream());
            return Digest.finish(bytes.getMessageDigest());
        }
    }

    private static InputStream openFile(Path file) throws IOException {
        return Files.newInputStream(file);
    }
}
