package dev.espalier.tensors.safetensors;

import dev.espalier.tensors.DType;
import dev.espalier.tensors.Shape;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Gathers tensors and writes them as one safetensors file. The same content gives the same bytes,
 * in whatever order it was added.
 *
 * <p>Data is laid out by falling element size, then by type, then by name, so that every tensor is
 * aligned to its elements. Arrays and segments are not copied: they must not change before {@link
 * #write}. Not safe for many threads.
 */
public final class SafetensorsWriter {

    private static final ValueLayout.OfLong LONG =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final TreeMap<String, String> metadata = new TreeMap<>();
    private final TreeMap<String, Entry> entries = new TreeMap<>();

    private record Entry(String name, DType dtype, Shape shape, TensorSource source) {}

    /**
     * One entry of the header's free text.
     *
     * @throws IllegalArgumentException if the key is taken
     */
    public SafetensorsWriter metadata(String key, String value) {
        if (metadata.putIfAbsent(key, value) != null) {
            throw new IllegalArgumentException("metadata " + Quoted.of(key) + " is there already");
        }
        return this;
    }

    public SafetensorsWriter metadata(Map<String, String> values) {
        values.forEach(this::metadata);
        return this;
    }

    /** An F32 tensor. */
    public SafetensorsWriter floats(String name, Shape shape, float[] values) {
        return floats(name, DType.F32, shape, values);
    }

    /**
     * A floating tensor; values are rounded to nearest, ties to even.
     *
     * @throws IllegalArgumentException if the type does not hold floats or the number of values is
     *     not that of the shape
     */
    public SafetensorsWriter floats(String name, DType dtype, Shape shape, float[] values) {
        if (!dtype.isFloating()) {
            throw new IllegalArgumentException(dtype + " does not hold floats");
        }
        requireLength(name, shape, values.length);
        return tensor(name, dtype, shape, sink -> sink.floats(0, values, 0, values.length));
    }

    /** An I64 tensor. */
    public SafetensorsWriter longs(String name, Shape shape, long[] values) {
        requireLength(name, shape, values.length);
        byte[] bytes = new byte[Math.multiplyExact(values.length, Long.BYTES)];
        MemorySegment.copy(values, 0, MemorySegment.ofArray(bytes), LONG, 0, values.length);
        return raw(name, DType.I64, shape, MemorySegment.ofArray(bytes));
    }

    /** A U8 tensor. */
    public SafetensorsWriter bytes(String name, Shape shape, byte[] values) {
        return raw(name, DType.U8, shape, MemorySegment.ofArray(values));
    }

    /**
     * A tensor whose bytes lie ready, little-endian, on the heap or in a mapped file; they are
     * streamed.
     *
     * @throws IllegalArgumentException if the number of bytes is not that of the shape
     */
    public SafetensorsWriter raw(String name, DType dtype, Shape shape, MemorySegment source) {
        if (source.byteSize() != shape.bytes(dtype)) {
            throw new IllegalArgumentException(
                    "tensor %s: %s %s needs %d bytes, not %d"
                            .formatted(
                                    Quoted.of(name),
                                    dtype,
                                    shape,
                                    shape.bytes(dtype),
                                    source.byteSize()));
        }
        return tensor(name, dtype, shape, sink -> sink.raw(0, source));
    }

    /**
     * A tensor that is made while the file is written.
     *
     * @throws IllegalArgumentException if the name is taken or reserved
     */
    public SafetensorsWriter tensor(String name, DType dtype, Shape shape, TensorSource source) {
        if (name.equals(Header.METADATA)) {
            throw new IllegalArgumentException("a tensor must not be named " + Header.METADATA);
        }
        if (entries.putIfAbsent(name, new Entry(name, dtype, shape, source)) != null) {
            throw new IllegalArgumentException("tensor " + Quoted.of(name) + " is there already");
        }
        return this;
    }

    /**
     * Writes beside {@code file}, forces to disk, then moves into place: a reader sees the old file
     * or the whole new one.
     *
     * @throws IOException if writing fails, or if a name has no UTF-8 form; {@code file} is
     *     untouched then
     * @throws IllegalStateException if a {@link TensorSource} left elements out
     */
    public void write(Path file) throws IOException {
        List<TensorInfo> layout = layout();
        byte[] header = HeaderText.of(metadata, layout);
        AtomicFile.write(
                file,
                channel -> {
                    ByteBuffer start =
                            ByteBuffer.allocate(Long.BYTES + header.length)
                                    .order(ByteOrder.LITTLE_ENDIAN);
                    start.putLong(header.length).put(header).flip();
                    while (start.hasRemaining()) {
                        channel.write(start);
                    }
                    for (TensorInfo tensor : layout) {
                        write(channel, shifted(tensor, Long.BYTES + header.length));
                    }
                });
    }

    /** Offsets are counted from the start of the data, as the header wants them. */
    private List<TensorInfo> layout() {
        List<Entry> order = new ArrayList<>(entries.values());
        order.sort(
                Comparator.<Entry>comparingInt(entry -> -entry.dtype().bytes())
                        .thenComparing(Entry::dtype)
                        .thenComparing(Entry::name));
        List<TensorInfo> layout = new ArrayList<>();
        long offset = 0;
        for (Entry entry : order) {
            long length = entry.shape().bytes(entry.dtype());
            layout.add(new TensorInfo(entry.name(), entry.dtype(), entry.shape(), offset, length));
            offset = Math.addExact(offset, length);
        }
        return layout;
    }

    private void write(FileChannel channel, TensorInfo place) throws IOException {
        Entry entry = entries.get(place.name());
        if (entry == null) {
            throw new IllegalStateException("tensor " + Quoted.of(place.name()) + " vanished");
        }
        ChannelSink sink = new ChannelSink(channel, place);
        entry.source().writeTo(sink);
        sink.requireComplete();
    }

    private static TensorInfo shifted(TensorInfo t, long by) {
        return new TensorInfo(t.name(), t.dtype(), t.shape(), t.offset() + by, t.byteLength());
    }

    private static void requireLength(String name, Shape shape, int length) {
        if (shape.elements() != length) {
            throw new IllegalArgumentException(
                    "tensor %s: shape %s does not hold %d values"
                            .formatted(Quoted.of(name), shape, length));
        }
    }
}
