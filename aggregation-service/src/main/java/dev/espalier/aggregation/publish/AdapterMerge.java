package dev.espalier.aggregation.publish;

import dev.espalier.problem.ProblemException;
import dev.espalier.protocol.problem.ProblemType;
import dev.espalier.protocol.update.AdapterLayout;
import dev.espalier.tensors.FloatReader;
import dev.espalier.tensors.Shape;
import dev.espalier.tensors.safetensors.SafetensorsFile;
import dev.espalier.tensors.safetensors.SafetensorsWriter;
import dev.espalier.tensors.safetensors.TensorInfo;
import dev.espalier.tensors.safetensors.TensorSink;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Merges an adapter into its base: {@code W + alpha/rank * B A} for every target, the task head
 * added or replaced, everything else byte for byte. Knows modules by their names alone. Where the
 * base stores its linears as [in, out], what is added is turned likewise.
 *
 * <p>Merged tensors keep the base's type, rounded once from double sums (over float where it is
 * narrower). In memory at a time: the two factors of one module, and one row of W.
 */
final class AdapterMerge {

    private static final String A = ".lora_A.weight";
    private static final String B = ".lora_B.weight";
    private static final String WEIGHT = ".weight";

    private final SortedMap<String, SafetensorsFile> base = new TreeMap<>();
    private final SafetensorsFile adapter;
    private final double scale;
    private final boolean inputFirst;
    private final String prefix;

    /**
     * @param base the files that together hold the base's weights
     * @param scale alpha / rank
     * @param inputFirst whether linears are stored as [in, out]
     * @throws ProblemException MODEL_DOES_NOT_FIT if the base lacks a module that the adapter
     *     changes
     */
    AdapterMerge(
            List<SafetensorsFile> base, SafetensorsFile adapter, double scale, boolean inputFirst) {
        base.forEach(file -> file.names().forEach(name -> this.base.put(name, file)));
        this.adapter = adapter;
        this.scale = scale;
        this.inputFirst = inputFirst;
        this.prefix = prefix();
    }

    void write(Path result) throws IOException {
        SafetensorsWriter writer = new SafetensorsWriter().metadata("format", "pt");
        base.forEach((stored, file) -> addOfBase(writer, stored, file));
        for (String name : adapter.names()) {
            if (!name.endsWith(A) && !name.endsWith(B)) {
                TensorInfo info = adapter.info(name);
                writer.raw(plain(name), info.dtype(), info.shape(), adapter.bytes(name));
            }
        }
        writer.write(result);
    }

    private void addOfBase(SafetensorsWriter writer, String stored, SafetensorsFile file) {
        String name = prefix + stored;
        TensorInfo info = file.info(stored);
        if (adapter.contains(AdapterLayout.PREFIX + name)) {
            return; // the adapter brings its own task head
        }
        String module =
                name.endsWith(WEIGHT) ? name.substring(0, name.length() - WEIGHT.length()) : name;
        if (!adapter.contains(AdapterLayout.PREFIX + module + A)) {
            writer.raw(name, info.dtype(), info.shape(), file.bytes(stored));
            return;
        }
        Shape a = adapter.info(AdapterLayout.PREFIX + module + A).shape();
        requireFits(module, info, a, adapter.info(AdapterLayout.PREFIX + module + B).shape());
        writer.tensor(
                name, info.dtype(), info.shape(), sink -> merge(module, file.reader(stored), sink));
    }

    /**
     * {@code W + scale * B [out, r] A [r, in]}, row by row; of a W [in, out] {@code W + scale * Aᵀ
     * Bᵀ}.
     */
    private void merge(String module, FloatReader w, TensorSink sink) throws IOException {
        int rank = (int) adapter.info(AdapterLayout.PREFIX + module + A).shape().dimension(0);
        float[] a = adapter.floats(AdapterLayout.PREFIX + module + A);
        float[] b = adapter.floats(AdapterLayout.PREFIX + module + B);
        float[] left = inputFirst ? transposed(a, rank) : b; // [rows, r]
        float[] right = inputFirst ? transposed(b, b.length / rank) : a; // [r, columns]
        int columns = right.length / rank;
        float[] row = new float[columns];
        double[] sum = new double[columns];
        for (int at = 0; at < left.length / rank; at++) {
            Arrays.fill(sum, 0);
            for (int r = 0; r < rank; r++) {
                double factor = scale * left[at * rank + r];
                for (int i = 0; i < columns; i++) {
                    sum[i] += factor * right[r * columns + i];
                }
            }
            w.read((long) at * columns, row, 0, columns);
            for (int i = 0; i < columns; i++) {
                row[i] = (float) (row[i] + sum[i]);
            }
            sink.floats((long) at * columns, row, 0, columns);
        }
    }

    /**
     * @param values [rows, columns]
     * @return [columns, rows]
     */
    private static float[] transposed(float[] values, int rows) {
        int columns = values.length / rows;
        float[] turned = new float[values.length];
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                turned[column * rows + row] = values[row * columns + column];
            }
        }
        return turned;
    }

    /**
     * What stands before the adapter's module names and not before the base's: checkpoints of a
     * bare encoder leave out the name under which the whole model holds it, {@code bert.} say.
     */
    private String prefix() {
        List<String> modules =
                adapter.names().stream()
                        .filter(name -> name.endsWith(A))
                        .map(name -> plain(name.substring(0, name.length() - A.length())))
                        .toList();
        if (modules.isEmpty()) {
            return "";
        }
        int dot = modules.getFirst().indexOf('.');
        String holder = modules.getFirst().substring(0, dot + 1);
        for (String candidate : List.of("", holder)) {
            if (modules.stream().allMatch(module -> isUnder(candidate, module))) {
                return candidate;
            }
        }
        String missing =
                modules.stream().filter(module -> !isUnder("", module)).findFirst().orElseThrow();
        throw misfit("the base has no tensor " + missing + WEIGHT + " for the adapter to change");
    }

    private boolean isUnder(String candidate, String module) {
        return module.startsWith(candidate)
                && base.containsKey(module.substring(candidate.length()) + WEIGHT);
    }

    private void requireFits(String module, TensorInfo w, Shape a, Shape b) {
        boolean fits =
                w.dtype().isFloating()
                        && w.shape().rank() == 2
                        && a.rank() == 2
                        && b.rank() == 2
                        && a.dimension(0) == b.dimension(1)
                        && w.shape().equals(stored(b.dimension(0), a.dimension(1)));
        if (!fits) {
            throw misfit(
                    "%s: W %s %s cannot take B %s A %s"
                            .formatted(module, w.dtype(), w.shape(), b, a));
        }
    }

    private Shape stored(long out, long in) {
        return inputFirst ? Shape.of(in, out) : Shape.of(out, in);
    }

    private static String plain(String name) {
        if (!name.startsWith(AdapterLayout.PREFIX)) {
            throw misfit("the adapter's tensor " + name + " is not named as PEFT does");
        }
        return name.substring(AdapterLayout.PREFIX.length());
    }

    private static ProblemException misfit(String detail) {
        return new ProblemException(ProblemType.MODEL_DOES_NOT_FIT, detail);
    }
}
