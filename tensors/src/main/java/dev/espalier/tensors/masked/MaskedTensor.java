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
import dev.espalier.tensors.quantised.QuantisedVectors;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * One client's contribution to one tensor: the elements it holds, by an {@link Encoding}, and their
 * values.
 *
 * <p>Values stay where they are, in an array or in a mapped file, and are read in slices. Immutable
 * as long as they are; safe for many threads.
 */
public final class MaskedTensor {

    private final String name;
    private final Shape shape;
    private final Encoding encoding;
    private final Shape packed;

    /**
     * Packed values; for {@code MaskOnly} the receiver's full tensor, null until it has been given.
     */
    private final @Nullable FloatReader values;

    /** What travels in place of floats; null where floats do. */
    private final @Nullable QuantisedVectors quantised;

    private final @Nullable Grid grid;

    private MaskedTensor(
            String name, Shape shape, Encoding encoding, @Nullable FloatReader values) {
        this(name, shape, encoding, values, null);
    }

    private MaskedTensor(
            String name,
            Shape shape,
            Encoding encoding,
            @Nullable FloatReader values,
            @Nullable QuantisedVectors quantised) {
        encoding.requireFits(shape);
        this.name = name;
        this.shape = shape;
        this.encoding = encoding;
        this.packed = encoding.packed(shape);
        this.values = values;
        this.quantised = quantised;
        this.grid = grid(shape, encoding);
    }

    /**
     * A contribution whose values lie elsewhere.
     *
     * @param shape of the whole tensor, of which this holds a part
     * @param values packed as the encoding says
     * @throws IllegalArgumentException if the encoding does not fit the shape
     */
    public static MaskedTensor of(String name, Shape shape, Encoding encoding, FloatReader values) {
        return new MaskedTensor(name, shape, encoding, values);
    }

    /**
     * A contribution whose values lie in an array.
     *
     * @param values packed as the encoding says; not copied, must not change
     * @throws IllegalArgumentException if the encoding does not fit the shape, or the number of
     *     values not the encoding
     */
    public static MaskedTensor of(String name, Shape shape, Encoding encoding, float[] values) {
        MaskedTensor tensor = new MaskedTensor(name, shape, encoding, FloatReader.of(values));
        if (values.length != tensor.valueCount()) {
            throw new IllegalArgumentException(
                    "%d values where %s has %d"
                            .formatted(values.length, tensor.packed, tensor.valueCount()));
        }
        return tensor;
    }

    /**
     * A contribution whose values have fewer bits; they are decoded when they are read.
     *
     * @param encoding one of a matrix, by rows and columns
     * @param axis which of its contributed rows or columns are a vector each
     * @throws IllegalArgumentException if the encoding does not fit the shape, or the vectors not
     *     the encoding
     */
    public static MaskedTensor quantised(
            String name,
            Shape shape,
            Encoding encoding,
            VectorAxis axis,
            QuantisedVectors vectors) {
        MaskedTensor tensor =
                new MaskedTensor(name, shape, encoding, axis.valuesOf(vectors), vectors);
        axis.requireFits(tensor.packed, vectors.count(), vectors.length());
        return tensor;
    }

    /** Values [full shape]. */
    public static MaskedTensor dense(String name, Shape shape, float[] values) {
        return of(name, shape, new Dense(), values);
    }

    /** Values [k, rest…]. */
    public static MaskedTensor rows(String name, Shape shape, int[] rows, float[] values) {
        return of(name, shape, new Rows(rows), values);
    }

    /** Values [rows, k]. */
    public static MaskedTensor columns(String name, Shape shape, int[] columns, float[] values) {
        return of(name, shape, new Columns(columns), values);
    }

    /** Values [k, m]. */
    public static MaskedTensor cells(
            String name, Shape shape, int[] rows, int[] columns, float[] values) {
        return of(name, shape, new Cells(rows, columns), values);
    }

    /** Values [number of set bits]. */
    public static MaskedTensor bitmap(String name, Shape shape, ElementMask mask, float[] values) {
        return of(name, shape, new Bitmap(mask), values);
    }

    /** No values: see {@link #withOwnValues}. */
    public static MaskedTensor maskOnly(String name, Shape shape, ElementMask mask) {
        return new MaskedTensor(name, shape, new MaskOnly(mask), null);
    }

    /**
     * The same mask over the receiver's own copy of the tensor.
     *
     * @param own all elements of the tensor, not packed
     * @throws IllegalStateException unless this is {@code MaskOnly}
     */
    public MaskedTensor withOwnValues(FloatReader own) {
        if (!(encoding instanceof MaskOnly)) {
            throw new IllegalStateException(name + " came with values");
        }
        return new MaskedTensor(name, shape, encoding, own);
    }

    public String name() {
        return name;
    }

    /** Of the whole tensor. */
    public Shape shape() {
        return shape;
    }

    public Encoding encoding() {
        return encoding;
    }

    /** Of the packed values. */
    public Shape packedShape() {
        return packed;
    }

    /** How many elements are contributed. */
    public long valueCount() {
        return packed.elements();
    }

    /** Whether this contribution holds the element. */
    public boolean contributes(long flatIndex) {
        Objects.checkIndex(flatIndex, shape.elements());
        return switch (encoding) {
            case Bitmap(ElementMask mask) -> mask.keeps(flatIndex);
            case MaskOnly(ElementMask mask) -> mask.keeps(flatIndex);
            case Dense _, Rows _, Columns _, Cells _ -> requireGrid().keeps(flatIndex);
        };
    }

    /** As they travel; empty where floats do. */
    public Optional<QuantisedVectors> quantised() {
        return Optional.ofNullable(quantised);
    }

    /**
     * Bytes of the values that travel: 0 for {@code MaskOnly}.
     *
     * @param valueType of what is not quantised
     */
    public long valueBytes(DType valueType) {
        if (quantised != null) {
            return quantised.bytes().byteSize();
        }
        return encoding instanceof MaskOnly ? 0 : packed.bytes(valueType);
    }

    /**
     * Values and mask, without transport framing, of a tensor that stands alone. Where several
     * tensors share a mask (the two factors of an adapter, the modules of an attention block),
     * count it once with {@link UploadBytes}.
     */
    public long payloadBytes(DType valueType) {
        return Math.addExact(valueBytes(valueType), encoding.maskBytes(shape));
    }

    /** Position among the packed values of the first NaN or infinity that was sent. */
    public OptionalLong firstNonFinite() {
        return encoding instanceof MaskOnly
                ? OptionalLong.empty()
                : new Scan(this).firstNonFinite();
    }

    /** Sum of the squares of all contributed values, in double. */
    public double squaredNorm() {
        return new Scan(this).squaredNorm();
    }

    /**
     * Sum of the squares of {@code value - base} over the contributed elements, in double. 0
     * exactly if nothing changed.
     *
     * @param base all elements of the tensor, not packed
     */
    public double squaredDistance(FloatReader base) {
        return new Scan(this).squaredDistance(base);
    }

    /** Reads packed values, in their order. */
    public void readValues(long from, float[] into, int offset, int count) {
        if (encoding instanceof MaskOnly) {
            throw new IllegalStateException(name + " has no packed values of its own");
        }
        requireValues().read(from, into, offset, count);
    }

    /**
     * All of the tensor: what this holds, and of {@code rest} what it does not. Read slice by
     * slice; the values of a slice keep their bits.
     *
     * @param rest all elements of the tensor, not packed
     */
    public MaskedTensor padded(FloatReader rest) {
        return encoding instanceof Dense
                ? this
                : of(name, shape, new Dense(), new Overlay(this, rest));
    }

    FloatReader requireValues() {
        if (values == null) {
            throw new IllegalStateException(name + " came as a mask alone; give it values first");
        }
        return values;
    }

    Grid requireGrid() {
        if (grid == null) {
            throw new IllegalStateException(name + " is not encoded by rows and columns");
        }
        return grid;
    }

    private static @Nullable Grid grid(Shape shape, Encoding encoding) {
        return switch (encoding) {
            case Dense() -> new Grid(shape, null, null);
            case Rows(IndexSet rows) -> new Grid(shape, rows, null);
            case Columns(IndexSet columns) -> new Grid(shape, null, columns);
            case Cells(IndexSet rows, IndexSet columns) -> new Grid(shape, rows, columns);
            case Bitmap _, MaskOnly _ -> null;
        };
    }
}
