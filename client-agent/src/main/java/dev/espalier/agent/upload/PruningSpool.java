package dev.espalier.agent.upload;

import dev.espalier.lm.prune.PrunedMatrix;
import dev.espalier.tensors.DType;
import dev.espalier.tensors.Shape;
import dev.espalier.tensors.masked.ElementMask;
import dev.espalier.tensors.masked.Encoding;
import dev.espalier.tensors.masked.MaskedTensor;
import dev.espalier.tensors.masked.UpdateFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Pruned matrices of one update, each in a file of its own as soon as it is done, so that memory
 * holds one at a time. Gone when it is closed. Belongs to one thread.
 */
public final class PruningSpool implements Consumer<PrunedMatrix>, AutoCloseable {

    private final Path folder;
    private final List<Matrix> matrices = new ArrayList<>();

    private record Matrix(Path file, String name, Shape shape) {}

    private PruningSpool(Path folder) {
        this.folder = folder;
    }

    /** An empty one; what a crash left in the folder is deleted. */
    public static PruningSpool in(Path folder) throws IOException {
        PruningSpool spool = new PruningSpool(folder);
        spool.delete();
        Files.createDirectories(folder);
        return spool;
    }

    /**
     * Takes a matrix in the smallest form.
     *
     * @throws UncheckedIOException if the disk does not take it
     */
    @Override
    public void accept(PrunedMatrix matrix) {
        MaskedTensor tensor = smallest(matrix.tensor());
        Path file = folder.resolve(matrices.size() + ".safetensors");
        try {
            UpdateFile.write(file, Map.of(), List.of(tensor), DType.F32);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        matrices.add(new Matrix(file, tensor.name(), tensor.shape()));
    }

    /**
     * A matrix that lost nothing needs no mask; else the mask travels, with values if they changed
     * (algorithms.md C.6).
     */
    private static MaskedTensor smallest(MaskedTensor tensor) {
        return tensor.encoding() instanceof Encoding.Bitmap(ElementMask mask)
                        && mask.kept() == mask.elements()
                ? MaskedTensor.of(
                        tensor.name(), tensor.shape(), new Encoding.Dense(), tensor::readValues)
                : tensor;
    }

    /** Writes all of them as one update. */
    void write(Path update, Map<String, String> metadata) throws IOException {
        List<UpdateFile> files = new ArrayList<>();
        try {
            List<MaskedTensor> tensors = new ArrayList<>();
            for (Matrix matrix : matrices) {
                UpdateFile file = UpdateFile.open(matrix.file());
                files.add(file);
                tensors.add(file.tensor(matrix.name(), matrix.shape()));
            }
            UpdateFile.write(update, metadata, tensors, DType.F32);
        } finally {
            files.forEach(UpdateFile::close);
        }
    }

    @Override
    public void close() throws IOException {
        delete();
    }

    private void delete() throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
