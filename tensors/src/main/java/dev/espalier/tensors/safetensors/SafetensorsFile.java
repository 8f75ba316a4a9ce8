package dev.espalier.tensors.safetensors;

import dev.espalier.tensors.DType;
import dev.espalier.tensors.FloatReader;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * A safetensors file, mapped into memory and read where it lies, so that its size may exceed the
 * heap and 2 GB.
 *
 * <p>The header is checked completely when the file is opened: every tensor that is listed can be
 * read. Safe for many threads. Closing takes the mapping away, from slices that were handed out
 * too; the file must not be truncated while it is open.
 */
public final class SafetensorsFile implements AutoCloseable {

    private static final int LENGTH_BYTES = Long.BYTES;
    private static final ValueLayout.OfLong LONG =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private static final ValueLayout.OfInt INT =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfDouble DOUBLE =
            ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final Arena arena;
    private final MemorySegment mapped;
    private final Header header;

    private SafetensorsFile(Arena arena, MemorySegment mapped, Header header) {
        this.arena = arena;
        this.mapped = mapped;
        this.header = header;
    }

    /**
     * Maps the file and checks its header.
     *
     * @throws MalformedSafetensorsException if the content is not what the format allows; says why
     */
    public static SafetensorsFile open(Path file) throws IOException {
        Arena arena = Arena.ofShared();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            MemorySegment mapped = channel.map(MapMode.READ_ONLY, 0, channel.size(), arena);
            return new SafetensorsFile(arena, mapped, header(mapped));
        } catch (IOException | RuntimeException | Error e) {
            arena.close();
            throw e;
        }
    }

    public Map<String, String> metadata() {
        return header.metadata();
    }

    public SortedSet<String> names() {
        return Collections.unmodifiableSortedSet(new TreeSet<>(header.tensors().keySet()));
    }

    public boolean contains(String name) {
        return header.tensors().containsKey(name);
    }

    /**
     * Type, shape and place of one tensor.
     *
     * @throws NoSuchElementException if there is no such tensor
     */
    public TensorInfo info(String name) {
        TensorInfo info = header.tensors().get(name);
        if (info == null) {
            throw new NoSuchElementException("no tensor " + Quoted.of(name) + " in the file");
        }
        return info;
    }

    /**
     * The tensor's bytes as they lie in the file: read-only, little-endian, valid until {@link
     * #close}.
     */
    public MemorySegment bytes(String name) {
        TensorInfo info = info(name);
        return mapped.asSlice(info.offset(), info.byteLength());
    }

    /**
     * All elements of an F32, F16 or BF16 tensor, widened, in a new array.
     *
     * @throws IllegalArgumentException if the tensor has another type or is too large for one array
     */
    public float[] floats(String name) {
        float[] values = new float[arrayLength(info(name))];
        floats(name, 0, values, 0, values.length);
        return values;
    }

    /**
     * Some elements of an F32, F16 or BF16 tensor, widened.
     *
     * @param fromElement the first one, in row-major order
     * @throws IllegalArgumentException if the tensor has another type
     * @throws IndexOutOfBoundsException if the tensor or the array is too short
     */
    public void floats(String name, long fromElement, float[] into, int offset, int count) {
        info(name).dtype().widen(bytes(name), fromElement, into, offset, count);
    }

    /**
     * Slices of an F32, F16 or BF16 tensor, widened, without looking the name up again.
     *
     * @throws IllegalArgumentException if the tensor has another type
     */
    public FloatReader reader(String name) {
        DType dtype = info(name).dtype();
        if (!dtype.isFloating()) {
            throw new IllegalArgumentException(
                    "tensor " + Quoted.of(name) + " is " + dtype + ", which holds no floats");
        }
        return FloatReader.of(bytes(name), dtype);
    }

    /**
     * All elements of an F64 tensor, or of an F32, F16 or BF16 one, widened, in a new array.
     *
     * @throws IllegalArgumentException if the tensor has another type or is too large for one array
     */
    public double[] doubles(String name) {
        TensorInfo info = info(name);
        double[] values = new double[arrayLength(info)];
        if (info.dtype() == DType.F64) {
            MemorySegment.copy(bytes(name), DOUBLE, 0, values, 0, values.length);
            return values;
        }
        float[] floats = floats(name);
        for (int i = 0; i < values.length; i++) {
            values[i] = floats[i];
        }
        return values;
    }

    /**
     * All elements of an I64 tensor, or of an I32 one, widened, in a new array.
     *
     * @throws IllegalArgumentException if the tensor has another type or is too large for one array
     */
    public long[] longs(String name) {
        TensorInfo info = info(name);
        long[] values = new long[arrayLength(info)];
        switch (info.dtype()) {
            case I64 -> MemorySegment.copy(bytes(name), LONG, 0, values, 0, values.length);
            case I32 -> {
                MemorySegment bytes = bytes(name);
                for (int i = 0; i < values.length; i++) {
                    values[i] = bytes.get(INT, (long) i * Integer.BYTES);
                }
            }
            case F32, F16, BF16, U8, F64 ->
                    throw new IllegalArgumentException(
                            "tensor "
                                    + Quoted.of(name)
                                    + " is "
                                    + info.dtype()
                                    + ", not I64 or I32");
        }
        return values;
    }

    /** Idempotent. */
    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }

    private static Header header(MemorySegment file) throws MalformedSafetensorsException {
        long size = file.byteSize();
        if (size < LENGTH_BYTES) {
            throw new MalformedSafetensorsException(
                    "a file of " + size + " bytes has no header length");
        }
        long length = file.get(LONG, 0);
        if (length < 0 || length > Header.MAX_BYTES) {
            throw new MalformedSafetensorsException(
                    "header length "
                            + Long.toUnsignedString(length)
                            + " exceeds "
                            + Header.MAX_BYTES);
        }
        if (length > size - LENGTH_BYTES) {
            throw new MalformedSafetensorsException(
                    "header length " + length + " goes beyond the file of " + size + " bytes");
        }
        long dataStart = LENGTH_BYTES + length;
        return Header.parse(json(file.asSlice(LENGTH_BYTES, length)), dataStart, size - dataStart);
    }

    /**
     * The format wants the brace first, so that a file can be told from others by its ninth byte.
     */
    private static String json(MemorySegment header) throws MalformedSafetensorsException {
        if (header.byteSize() == 0 || header.get(ValueLayout.JAVA_BYTE, 0) != '{') {
            throw new MalformedSafetensorsException("header does not begin with '{'");
        }
        ByteBuffer utf8 = ByteBuffer.wrap(header.toArray(ValueLayout.JAVA_BYTE));
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(utf8).toString();
        } catch (CharacterCodingException e) {
            throw new MalformedSafetensorsException("header is not UTF-8");
        }
    }

    private static int arrayLength(TensorInfo info) {
        long elements = info.shape().elements();
        if (elements > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException(
                    "tensor "
                            + Quoted.of(info.name())
                            + " "
                            + info.shape()
                            + " is too large for one array; read slices");
        }
        return (int) elements;
    }
}
