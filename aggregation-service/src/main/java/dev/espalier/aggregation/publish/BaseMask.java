package dev.espalier.aggregation.publish;

import dev.espalier.problem.ProblemException;
import dev.espalier.protocol.model.Lineage;
import dev.espalier.protocol.model.MatrixSparsity;
import dev.espalier.protocol.model.VersionManifest;
import dev.espalier.protocol.problem.ProblemType;
import dev.espalier.tensors.DType;
import dev.espalier.tensors.masked.ElementMask;
import dev.espalier.tensors.safetensors.SafetensorsFile;
import dev.espalier.tensors.safetensors.SafetensorsWriter;
import dev.espalier.tensors.safetensors.TensorInfo;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Which weights of a sparse base are kept, held against its weights: {@code mask.safetensors}. */
final class BaseMask implements AutoCloseable {

    private final SafetensorsFile file;
    private final List<MatrixSparsity> sparsity;

    private BaseMask(SafetensorsFile file, List<MatrixSparsity> sparsity) {
        this.file = file;
        this.sparsity = sparsity;
    }

    /**
     * @param weights the files that together hold the base's weights
     * @throws ProblemException MODEL_DOES_NOT_FIT if it is no mask of these weights
     */
    static BaseMask open(Path path, List<SafetensorsFile> weights, VersionManifest base)
            throws IOException {
        SafetensorsFile file = SafetensorsFile.open(path);
        try {
            List<MatrixSparsity> found = new ArrayList<>();
            for (String name : file.names()) {
                found.add(checked(name, file, weights));
            }
            Lineage lineage = base.lineage();
            return new BaseMask(
                    file,
                    lineage == null || lineage.sparsity() == null ? found : lineage.sparsity());
        } catch (RuntimeException e) {
            file.close();
            throw e;
        }
    }

    private static MatrixSparsity checked(
            String name, SafetensorsFile file, List<SafetensorsFile> weights) {
        SafetensorsFile holder =
                weights.stream().filter(one -> one.contains(name)).findFirst().orElse(null);
        if (holder == null || file.info(name).dtype() != DType.U8) {
            throw misfit(name, "bits of no tensor of the base");
        }
        long elements = holder.info(name).shape().elements();
        try {
            long kept = ElementMask.of(file.bytes(name), elements).kept();
            return new MatrixSparsity(name, elements, elements - kept, 0);
        } catch (IllegalArgumentException e) {
            throw misfit(name, String.valueOf(e.getMessage()));
        }
    }

    /** Of one matrix; empty where it is dense. */
    Optional<ElementMask> of(TensorInfo matrix) {
        return file.contains(matrix.name())
                ? Optional.of(ElementMask.of(file.bytes(matrix.name()), matrix.shape().elements()))
                : Optional.empty();
    }

    /**
     * The same for weights whose names are longer.
     *
     * @param prefix stands before every name
     */
    void write(String prefix, Path target) throws IOException {
        SafetensorsWriter writer = new SafetensorsWriter();
        for (String name : file.names()) {
            TensorInfo info = file.info(name);
            writer.raw(prefix + name, info.dtype(), info.shape(), file.bytes(name));
        }
        writer.write(target);
    }

    /** Of weights whose names are longer, and whose mask stayed as it was. */
    List<MatrixSparsity> sparsity(String prefix) {
        return sparsity.stream()
                .map(one -> new MatrixSparsity(prefix + one.name(), one.elements(), one.zeros(), 0))
                .toList();
    }

    @Override
    public void close() {
        file.close();
    }

    private static ProblemException misfit(String name, String reason) {
        return new ProblemException(
                ProblemType.MODEL_DOES_NOT_FIT, "the base's mask of " + name + ": " + reason);
    }
}
