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
import dev.espalier.tensors.safetensors.MalformedSafetensorsException;
import dev.espalier.tensors.safetensors.Quoted;
import dev.espalier.tensors.safetensors.SafetensorsFile;
import dev.espalier.tensors.safetensors.TensorInfo;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * One client's update as a safetensors file, read where it lies.
 *
 * <p>A tensor {@code w} is stored as packed values under {@code w} and, where it is not dense, as
 * I64 {@code w#rows} and {@code w#columns}, or as U8 {@code w#bitmap}. A bitmap without values is a
 * mask alone. Nothing is trusted: what breaks these rules is refused with its reason. Safe for many
 * threads until closed.
 */
public final class UpdateFile implements AutoCloseable {

    static final String ROWS = "#rows";
    static final String COLUMNS = "#columns";
    static final String BITMAP = "#bitmap";

    private final SafetensorsFile file;
    private final SortedSet<String> tensorNames;

    private UpdateFile(SafetensorsFile file) throws UpdateFormatException {
        this.file = file;
        this.tensorNames = Collections.unmodifiableSortedSet(tensorNames(file));
    }

    /**
     * Writes an update; the same content gives the same bytes.
     *
     * @param valueType F32, F16 or BF16; values are rounded to nearest, ties to even
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
     * @throws UpdateFormatException if indices, bitmap or values do not fit that shape
     * @throws NoSuchElementException if the update has no such tensor
     */
    public MaskedTensor tensor(String name, Shape full) throws UpdateFormatException {
        requireTensor(name);
        try {
            return fitted(name, full);
        } catch (IllegalArgumentException e) {
            throw new UpdateFormatException("tensor " + Quoted.of(name) + ": " + e.getMessage());
        }
    }

    /**
     * How the values of a tensor are stored; empty for a mask alone.
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
        Shape packed = encoding.packed(full);
        if (!info.shape().equals(packed)) {
            throw new IllegalArgumentException(
                    "values %s where %s of %s needs %s"
                            .formatted(info.shape(), kind(encoding), full, packed));
        }
        return MaskedTensor.of(
                name, full, encoding, FloatReader.of(file.bytes(name), info.dtype()));
    }

    private Encoding encoding(String name, Shape full) {
        if (file.contains(name + BITMAP)) {
            ElementMask mask = ElementMask.of(file.bytes(name + BITMAP), full.elements());
            return file.contains(name) ? new Bitmap(mask) : new MaskOnly(mask);
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

    private static SortedSet<String> tensorNames(SafetensorsFile file)
            throws UpdateFormatException {
        TreeSet<String> names = new TreeSet<>();
        for (String stored : file.names()) {
            names.add(checkedOwner(file, file.info(stored)));
        }
        return names;
    }

    /**
     * The tensor that a stored entry belongs to, once the entry's type, rank and companions are
     * right.
     */
    private static String checkedOwner(SafetensorsFile file, TensorInfo info)
            throws UpdateFormatException {
        int hash = info.name().indexOf('#');
        if (hash < 0) {
            require(
                    info.dtype().isFloating(),
                    info,
                    "values must be F32, F16 or BF16, not " + info.dtype());
            return info.name();
        }
        String owner = info.name().substring(0, hash);
        switch (info.name().substring(hash)) {
            case ROWS, COLUMNS -> {
                requireVector(info, DType.I64);
                require(file.contains(owner), info, "indices without values");
                require(!file.contains(owner + BITMAP), info, "indices beside a bitmap");
            }
            case BITMAP -> requireVector(info, DType.U8);
            default ->
                    require(false, info, "an unknown suffix; known are #rows, #columns, #bitmap");
        }
        return owner;
    }

    private static void requireVector(TensorInfo info, DType dtype) throws UpdateFormatException {
        require(info.dtype() == dtype, info, "must be " + dtype + ", not " + info.dtype());
        require(
                info.shape().rank() == 1,
                info,
                "must have one dimension, not shape " + info.shape());
    }

    private static void require(boolean holds, TensorInfo info, String reason)
            throws UpdateFormatException {
        if (!holds) {
            throw new UpdateFormatException("tensor " + Quoted.of(info.name()) + ": " + reason);
        }
    }
}
