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
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
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
                tensors.add(part(tensor, part, trained.values(tensor.name())));
            }
        }
        Map<String, String> metadata =
                Map.of(UpdateManifest.METADATA_KEY, json.writeValueAsString(manifest));
        UpdateFile.write(file, metadata, tensors, DType.F32);
        return digest(file);
    }

    private static MaskedTensor part(
            AdapterTensor tensor, AdapterLayout.Part part, float[] values) {
        String name = tensor.name();
        Shape shape = shape(tensor);
        int @Nullable [] rows = indices(part.rows());
        int @Nullable [] columns = indices(part.columns());
        float[] packed = packed(shape, values, rows, columns);
        if (rows != null && columns != null) {
            return MaskedTensor.cells(name, shape, rows, columns, packed);
        }
        if (rows != null) {
            return MaskedTensor.rows(name, shape, rows, packed);
        }
        return columns != null
                ? MaskedTensor.columns(name, shape, columns, packed)
                : MaskedTensor.dense(name, shape, packed);
    }

    private static float[] packed(
            Shape shape, float[] values, int @Nullable [] rows, int @Nullable [] columns) {
        int width = Math.toIntExact(shape.rowElements());
        int[] down = rows == null ? all(Math.toIntExact(shape.rows())) : rows;
        int[] across = columns == null ? all(width) : columns;
        float[] packed = new float[down.length * across.length];
        int next = 0;
        for (int row : down) {
            for (int column : across) {
                packed[next++] = values[row * width + column];
            }
        }
        return packed;
    }

    private static int[] all(int size) {
        return IntStream.range(0, size).toArray();
    }

    private static int @Nullable [] indices(@Nullable List<Integer> chosen) {
        return chosen == null ? null : chosen.stream().mapToInt(Integer::intValue).toArray();
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
