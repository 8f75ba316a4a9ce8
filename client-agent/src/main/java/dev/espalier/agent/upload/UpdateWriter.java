package dev.espalier.agent.upload;

import dev.espalier.lm.adapter.AdapterWeights;
import dev.espalier.protocol.Digest;
import dev.espalier.protocol.update.AdapterLayout;
import dev.espalier.protocol.update.AdapterTensor;
import dev.espalier.protocol.update.UpdateManifest;
import dev.espalier.tensors.DType;
import dev.espalier.tensors.Shape;
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
import tools.jackson.databind.json.JsonMapper;

/** Writes what an agent hands in: the tensors its scope names, and nothing else. */
public final class UpdateWriter {

    private final JsonMapper json;

    public UpdateWriter(JsonMapper json) {
        this.json = json;
    }

    /**
     * Writes the file, forced to disk and moved into place as a whole.
     *
     * @return digest of the file
     */
    public Digest write(
            Path file, AdapterLayout layout, AdapterWeights trained, UpdateManifest manifest)
            throws IOException {
        List<MaskedTensor> tensors = new ArrayList<>();
        for (AdapterTensor tensor : layout.tensors()) {
            if (!layout.part(tensor, manifest.scope()).isWhole()) {
                throw new IllegalArgumentException("only whole tensors are handed in so far");
            }
            tensors.add(
                    MaskedTensor.dense(
                            tensor.name(), shape(tensor), trained.values(tensor.name())));
        }
        Map<String, String> metadata =
                Map.of(UpdateManifest.METADATA_KEY, json.writeValueAsString(manifest));
        UpdateFile.write(file, metadata, tensors, DType.F32);
        return digest(file);
    }

    private static Shape shape(AdapterTensor tensor) {
        return Shape.of(tensor.shape().stream().mapToLong(Integer::longValue).toArray());
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
