package dev.espalier.aggregation.sparse;

import dev.espalier.protocol.model.MatrixSparsity;
import dev.espalier.tensors.DType;
import dev.espalier.tensors.FloatReader;
import dev.espalier.tensors.Shape;
import dev.espalier.tensors.combine.Contribution;
import dev.espalier.tensors.combine.CountReader;
import dev.espalier.tensors.combine.Fallback;
import dev.espalier.tensors.combine.MaskedMean;
import dev.espalier.tensors.masked.ElementMask;
import dev.espalier.tensors.safetensors.SafetensorsFile;
import dev.espalier.tensors.safetensors.SafetensorsWriter;
import dev.espalier.tensors.safetensors.TensorInfo;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/**
 * Combines what clients kept of a base into one sparse base (algorithms.md C.3 steps 5 to 7).
 *
 * <p>Two files come out: the mask, a bit for every weight of a pruned matrix, and the weights with
 * zeros in place. All is read where it lies and written matrix by matrix. While the mask is made,
 * eight bytes for each element of one matrix are in memory, and its mask; while the weights are
 * written, blocks alone. The same updates give the same bytes, always.
 */
public final class SparseCombiner {

    private final MaskedMean mean;

    public SparseCombiner(MaskedMean mean) {
        this.mean = mean;
    }

    /**
     * Where the parent lies and the result goes.
     *
     * @param weights of the parent: the files that together hold them
     * @param mask of the parent; absent: it is dense
     * @param newMask U8 by matrix, bit-packed, 1 = kept; all matrices that are not dense
     * @param newWeights all tensors in the parent's types
     */
    public record Files(
            Collection<Path> weights, @Nullable Path mask, Path newMask, Path newWeights) {}

    /**
     * @param matrices that may be pruned; what a client sent of others is not looked at
     * @param updates in any order
     * @return one for each of {@code matrices}, in ascending order of name
     */
    public List<MatrixSparsity> combine(
            Files files,
            SortedSet<String> matrices,
            Collection<SparseUpdate> updates,
            Expansion expansion)
            throws IOException {
        try (SparseParent parent = SparseParent.open(files.weights(), files.mask());
                Responders responders = Responders.open(updates)) {
            List<MatrixSparsity> told = new ArrayList<>();
            writeMask(parent, matrices, responders, expansion, files.newMask(), told);
            writeWeights(parent, matrices, responders, files);
            return List.copyOf(told);
        }
    }

    private void writeMask(
            SparseParent parent,
            SortedSet<String> matrices,
            Responders responders,
            Expansion expansion,
            Path result,
            List<MatrixSparsity> told)
            throws IOException {
        SafetensorsWriter writer = new SafetensorsWriter();
        for (String name : matrices) {
            Shape shape = parent.shape(name);
            ElementMask before = parent.mask(name);
            if (!responders.have(name)) {
                told.add(sparsity(name, shape, before, 0));
                if (before != null) {
                    writer.raw(name, DType.U8, packed(shape), before.bytes());
                }
                continue;
            }
            writer.tensor(
                    name,
                    DType.U8,
                    packed(shape),
                    sink -> {
                        List<Contribution> kept = responders.of(name, parent);
                        ElementMask mask = mask(parent, name, kept, expansion);
                        told.add(sparsity(name, shape, mask, kept.size()));
                        sink.raw(0, mask.bytes());
                    });
        }
        writer.write(result);
        told.sort(Comparator.comparing(MatrixSparsity::name));
    }

    private ElementMask mask(
            SparseParent parent, String name, List<Contribution> kept, Expansion expansion)
            throws IOException {
        Shape shape = parent.shape(name);
        int elements = Math.toIntExact(shape.elements());
        float[] values = new float[elements];
        int[] counts = new int[elements];
        mean.combine(
                shape,
                parent.reader(name),
                kept,
                Fallback.ZERO,
                (to, from, offset, n) -> System.arraycopy(from, offset, values, (int) to, n),
                (to, from, offset, n) -> System.arraycopy(from, offset, counts, (int) to, n));
        CountReader counted =
                (from, into, offset, n) -> System.arraycopy(counts, (int) from, into, offset, n);
        return expansion.mask(name, elements, FloatReader.of(values), counted);
    }

    private void writeWeights(
            SparseParent parent, SortedSet<String> matrices, Responders responders, Files files)
            throws IOException {
        try (SafetensorsFile masks = SafetensorsFile.open(files.newMask())) {
            SafetensorsWriter writer = new SafetensorsWriter().metadata("format", "pt");
            for (String name : parent.names()) {
                TensorInfo info = parent.info(name);
                if (!matrices.contains(name) || !responders.have(name)) {
                    writer.raw(name, info.dtype(), info.shape(), parent.bytes(name));
                    continue;
                }
                ElementMask mask = ElementMask.of(masks.bytes(name), info.shape().elements());
                writer.tensor(
                        name,
                        info.dtype(),
                        info.shape(),
                        sink ->
                                mean.combine(
                                        info.shape(),
                                        parent.reader(name),
                                        responders.of(name, parent),
                                        Fallback.ZERO,
                                        (to, from, offset, n) -> {
                                            zero(mask, to, from, offset, n);
                                            sink.floats(to, from, offset, n);
                                        }));
            }
            writer.write(files.newWeights());
        }
    }

    /** The block is the kernel's own workspace, which it fills anew before it is used again. */
    private static void zero(ElementMask mask, long to, float[] block, int offset, int n) {
        for (int i = 0; i < n; i++) {
            if (!mask.keeps(to + i)) {
                block[offset + i] = 0;
            }
        }
    }

    private static MatrixSparsity sparsity(
            String name, Shape shape, @Nullable ElementMask mask, int responders) {
        long kept = mask == null ? shape.elements() : mask.kept();
        return new MatrixSparsity(name, shape.elements(), shape.elements() - kept, responders);
    }

    private static Shape packed(Shape shape) {
        return Shape.of(ElementMask.byteSize(shape.elements()));
    }
}
