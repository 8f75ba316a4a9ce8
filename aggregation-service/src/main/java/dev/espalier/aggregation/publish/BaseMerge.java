package dev.espalier.aggregation.publish;

import dev.espalier.aggregation.combine.StackedFactors;
import dev.espalier.aggregation.sparse.BarePrefix;
import dev.espalier.problem.ProblemException;
import dev.espalier.protocol.problem.ProblemType;
import dev.espalier.tensors.DType;
import dev.espalier.tensors.FloatReader;
import dev.espalier.tensors.Shape;
import dev.espalier.tensors.masked.ElementMask;
import dev.espalier.tensors.safetensors.SafetensorsFile;
import dev.espalier.tensors.safetensors.SafetensorsWriter;
import dev.espalier.tensors.safetensors.TensorInfo;
import dev.espalier.tensors.safetensors.TensorSink;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Merges products into a base: {@code W + scale * B A} for every module of the additions, a task
 * head added or replaced, everything else byte for byte. Where the base has a mask, {@code M * (W +
 * scale * B A)}, so that it stays as sparse as it is (algorithms.md D.3). Knows modules by their
 * names alone.
 *
 * <p>Sums are in double and rounded once, to the type of the result (over float where that is
 * narrower). In memory at a time: the factors of one module, and one row of W.
 */
final class BaseMerge {

    private static final String WEIGHT = ".weight";

    private final SortedMap<String, SafetensorsFile> base = new TreeMap<>();
    private final @Nullable BaseMask mask;
    private final Additions additions;
    private final SortedSet<String> modules;
    private final double scale;
    private final Form form;
    private final String prefix;

    /**
     * How weights lie in the base and in the result.
     *
     * @param inputFirst W is [in, out], as in layers that transformers calls Conv1D, not [out, in]
     * @param widened what changes is written in F32 even where the base is narrower, so that small
     *     changes are not lost; else in the type of the base
     */
    record Form(boolean inputFirst, boolean widened) {}

    /**
     * @param base the files that together hold the base's weights
     * @param mask of the base; absent: it is dense
     * @param scale alpha / rank
     * @throws ProblemException MODEL_DOES_NOT_FIT if the base lacks a module that is to change
     */
    BaseMerge(
            List<SafetensorsFile> base,
            @Nullable BaseMask mask,
            Additions additions,
            double scale,
            Form form) {
        base.forEach(file -> file.names().forEach(name -> this.base.put(name, file)));
        this.mask = mask;
        this.additions = additions;
        this.modules = additions.modules();
        this.scale = scale;
        this.form = form;
        this.prefix = BarePrefix.of(modules, this.base::containsKey);
    }

    /** What stands before the names of the result and not before the base's. */
    String prefix() {
        return prefix;
    }

    void write(Path result) throws IOException {
        SafetensorsWriter writer = new SafetensorsWriter().metadata("format", "pt");
        SortedSet<String> whole = additions.whole();
        base.forEach((stored, file) -> {
            if (!whole.contains(prefix + stored)) {
                addOfBase(writer, stored, file);
            }
        });
        additions.addWhole(writer);
        writer.write(result);
    }

    private void addOfBase(SafetensorsWriter writer, String stored, SafetensorsFile file) {
        String name = prefix + stored;
        TensorInfo info = file.info(stored);
        String module =
                name.endsWith(WEIGHT) ? name.substring(0, name.length() - WEIGHT.length()) : name;
        if (!name.endsWith(WEIGHT) || !modules.contains(module)) {
            writer.raw(name, info.dtype(), info.shape(), file.bytes(stored));
            return;
        }
        requireFits(module, info);
        DType type = form.widened() ? DType.F32 : info.dtype();
        writer.tensor(
                name,
                type,
                info.shape(),
                sink -> merge(additions.product(module), file.reader(stored), kept(info), sink));
    }

    /**
     * {@code W [out, in] + scale * B [out, r] A [r, in]}, row by row; where inputs come first, the
     * transposed of it.
     */
    private void merge(
            StackedFactors product, FloatReader w, Optional<ElementMask> kept, TensorSink sink)
            throws IOException {
        int rows = form.inputFirst() ? product.in() : product.out();
        int columns = form.inputFirst() ? product.out() : product.in();
        double[] right = right(product, columns); // [r, columns]
        float[] row = new float[columns];
        double[] sum = new double[columns];
        for (int at = 0; at < rows; at++) {
            Arrays.fill(sum, 0);
            for (int r = 0; r < product.rank(); r++) {
                double factor = form.inputFirst() ? product.a(r, at) : scale * product.b(at, r);
                for (int i = 0; i < columns; i++) {
                    sum[i] += factor * right[r * columns + i];
                }
            }
            w.read((long) at * columns, row, 0, columns);
            for (int i = 0; i < columns; i++) {
                row[i] = (float) (row[i] + sum[i]);
            }
            long first = (long) at * columns;
            kept.ifPresent(mask -> zero(mask, first, row));
            sink.floats(first, row, 0, columns);
        }
    }

    private Optional<ElementMask> kept(TensorInfo matrix) {
        return mask == null ? Optional.empty() : mask.of(matrix);
    }

    private static void zero(ElementMask mask, long first, float[] row) {
        for (int i = 0; i < row.length; i++) {
            if (!mask.keeps(first + i)) {
                row[i] = 0;
            }
        }
    }

    private double[] right(StackedFactors product, int columns) {
        double[] right = new double[product.rank() * columns];
        for (int r = 0; r < product.rank(); r++) {
            for (int i = 0; i < columns; i++) {
                right[r * columns + i] =
                        form.inputFirst() ? scale * product.b(i, r) : product.a(r, i);
            }
        }
        return right;
    }

    private void requireFits(String module, TensorInfo w) {
        Shape product = additions.shape(module);
        Shape needed =
                form.inputFirst() ? Shape.of(product.dimension(1), product.dimension(0)) : product;
        if (!w.dtype().isFloating() || !w.shape().equals(needed)) {
            throw misfit(
                    "%s: W %s %s cannot take a product %s, which needs %s"
                            .formatted(module, w.dtype(), w.shape(), product, needed));
        }
    }

    private static ProblemException misfit(String detail) {
        return new ProblemException(ProblemType.MODEL_DOES_NOT_FIT, detail);
    }
}
