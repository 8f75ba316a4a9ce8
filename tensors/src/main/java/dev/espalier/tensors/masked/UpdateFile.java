package dev.espalier.tensors.masked;

import dev.espalier.tensors.DType;
import dev.espalier.tensors.FloatReader;
import dev.espalier.tensors.Shape;
import dev.espalier.tensors.masked.Encoding.Bitmap;
import dev.espalier.tensors.masked.Encoding.Cells;
import dev.espalier.tensors.masked.Encoding.Columns;
import dev.espalier.tensors.masked.Encoding.Dense;
import dev.espalier.tensors.masked.Encoding.MaskOnly;
import dev.espalier.tensors.masked.Encoding.Rows;
import dev.espalier.tensors.quantised.Precision;
import dev.espalier.tensors.quantised.QuantisedVectors;
import dev.espalier.tensors.safetensors.MalformedSafetensorsException;
import dev.espalier.tensors.safetensors.Quoted;
import dev.espalier.tensors.safetensors.SafetensorsFile;
import dev.espalier.tensors.safetensors.TensorInfo;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/**
 * One client's update as a safetensors file, read where it lies.
 *
 * <p>A tensor {@code w} is stored as packed values under {@code w} and, where it is not dense, as
 * I64 {@code w#rows} and {@code w#columns}, or as U8 {@code w#bitmap}, or, where that is shorter,
 * as I32 {@code w#places} of single elements. A bitmap without values is a mask alone. Quantised
 * values are a U8 vector of {@link QuantisedVectors}: how many bits each has is said elsewhere.
 * Nothing is trusted: what breaks these rules is refused with its reason. Safe for many threads
 * until closed.
 */
public final class UpdateFile implements AutoCloseable {

    static final String ROWS = "#rows";
    static final String COLUMNS = "#columns";
    static final String BITMAP = "#bitmap";
    static final String PLACES = "#places";

    private final SafetensorsFile file;
    private final SortedSet<String> tensorNames;

    private UpdateFile(SafetensorsFile file) throws UpdateFormatException {
        this.file = file;
        this.tensorNames = new UpdateEntries(file).tensorNames();
    }

    /**
     * Writes an update; the same content gives the same bytes.
     *
     * @param valueType F32, F16 or BF16 of what is not quantised; values are rounded to nearest,
     *     ties to even
     * @throws IllegalArgumentException if two tensors have the same name, or a name contains {@code
     *     #}
     */
    public static void write(
            Path file,
            Map<String, String> metadata,
            Collection<MaskedTensor> tensors,
            DType valueType)
            throws IOException {
        UpdateLayout layout = new UpdateLayout(valueType, metadata);
        tensors.forEach(layout::add);
        layout.write(file);
    }

    /**
     * Opens an update and checks everything that can be checked without the model's shapes.
     *
     * @throws MalformedSafetensorsException if it is not safetensors
     * @throws UpdateFormatException if it is not an update
     */
    public static UpdateFile open(Path path) throws IOException {
        SafetensorsFile file = SafetensorsFile.open(path);
        try {
            return new UpdateFile(file);
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    public Map<String, String> metadata() {
        return file.metadata();
    }

    /** Without the suffixes of masks. */
    public SortedSet<String> tensorNames() {
        return tensorNames;
    }

    /**
     * One contribution, held against the shape that the model has for it. Its values stay in the
     * file: read them before {@link #close}.
     *
     * @param full shape of the whole tensor
     * @throws UpdateFormatException if indices, bitmap or values do not fit that shape, or the
     *     values are quantised
     * @throws NoSuchElementException if the update has no such tensor
     */
    public MaskedTensor tensor(String name, Shape full) throws UpdateFormatException {
        requireTensor(name);
        try {
            return fitted(name, full);
        } catch (IllegalArgumentException e) {
            throw refusal(name, e);
        }
    }

    /**
     * The same where values are quantised; each is looked at once, none is NaN or infinite.
     *
     * @param full shape of the whole matrix
     * @param axis which of its rows or columns are a vector each
     * @param precisions of each contributed row or column, ascending
     * @throws UpdateFormatException if indices or values do not fit that shape or these precisions
     * @throws NoSuchElementException if the update has no such tensor
     */
    public MaskedTensor quantised(
            String name, Shape full, VectorAxis axis, List<Precision> precisions)
            throws UpdateFormatException {
        requireTensor(name);
        try {
            return decoded(name, full, axis, precisions);
        } catch (IllegalArgumentException e) {
            throw refusal(name, e);
        }
    }

    /**
     * How the values of a tensor are stored, U8 where they are quantised; empty for a mask alone.
     *
     * @throws NoSuchElementException if the update has no such tensor
     */
    public Optional<DType> valueType(String name) {
        requireTensor(name);
        return file.contains(name) ? Optional.of(file.info(name).dtype()) : Optional.empty();
    }

    @Override
    public void close() {
        file.close();
    }

    private void requireTensor(String name) {
        if (!tensorNames.contains(name)) {
            throw new NoSuchElementException("no tensor " + Quoted.of(name) + " in the update");
        }
    }

    private MaskedTensor fitted(String name, Shape full) {
        Encoding encoding = encoding(name, full);
        if (encoding instanceof MaskOnly(ElementMask mask)) {
            return MaskedTensor.maskOnly(name, full, mask);
        }
        encoding.requireFits(full);
        TensorInfo info = file.info(name);
        if (info.dtype() == DType.U8) {
            throw new IllegalArgumentException("values are quantised");
        }
        Shape packed = encoding.packed(full);
        if (!info.shape().equals(packed)) {
            throw new IllegalArgumentException(
                    "values %s where %s of %s needs %s"
                            .formatted(info.shape(), kind(encoding), full, packed));
        }
        return MaskedTensor.of(
                name, full, encoding, FloatReader.of(file.bytes(name), info.dtype()));
    }

    private MaskedTensor decoded(
            String name, Shape full, VectorAxis axis, List<Precision> precisions) {
        if (valueType(name).orElse(null) != DType.U8) {
            throw new IllegalArgumentException("values are not quantised");
        }
        Encoding encoding = encoding(name, full);
        encoding.requireFits(full);
        Shape packed = encoding.packed(full);
        int length = axis.length(packed);
        axis.requireFits(packed, precisions.size(), length);
        QuantisedVectors vectors = QuantisedVectors.of(file.bytes(name), length, precisions);
        return MaskedTensor.quantised(name, full, encoding, axis, vectors);
    }

    private static UpdateFormatException refusal(String name, IllegalArgumentException e) {
        return new UpdateFormatException("tensor " + Quoted.of(name) + ": " + e.getMessage());
    }

    private Encoding encoding(String name, Shape full) {
        if (file.contains(name + BITMAP)) {
            ElementMask mask = ElementMask.of(file.bytes(name + BITMAP), full.elements());
            return file.contains(name) ? new Bitmap(mask) : new MaskOnly(mask);
        }
        if (file.contains(name + PLACES)) {
            return new Bitmap(ElementMask.ofPlaces(file.bytes(name + PLACES), full.elements()));
        }
        IndexSet rows = indices(name + ROWS);
        IndexSet columns = indices(name + COLUMNS);
        if (rows != null && columns != null) {
            return new Cells(rows, columns);
        }
        if (rows != null) {
            return new Rows(rows);
        }
        return columns != null ? new Columns(columns) : new Dense();
    }

    private @Nullable IndexSet indices(String name) {
        if (!file.contains(name)) {
            return null;
        }
        long[] wide = file.longs(name);
        int[] indices = new int[wide.length];
        for (int i = 0; i < wide.length; i++) {
            indices[i] = (int) wide[i];
            if (indices[i] != wide[i]) {
                throw new IllegalArgumentException("index " + wide[i] + " is out of range");
            }
        }
        return IndexSet.of(indices);
    }

    private static String kind(Encoding encoding) {
        return encoding.getClass().getSimpleName();
    }
}
