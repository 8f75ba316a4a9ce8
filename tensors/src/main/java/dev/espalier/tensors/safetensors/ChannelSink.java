package dev.espalier.tensors.safetensors;

import dev.espalier.tensors.DType;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Writes one tensor to its place in a file, and counts, so that a forgotten slice is an error and
 * not zeros.
 */
final class ChannelSink implements TensorSink {

    private static final int CHUNK_BYTES = 1 << 20;

    private final FileChannel channel;
    private final TensorInfo info;
    private final AtomicLong written = new AtomicLong();

    ChannelSink(FileChannel channel, TensorInfo info) {
        this.channel = channel;
        this.info = info;
    }

    @Override
    public void floats(long toElement, float[] values, int offset, int count) throws IOException {
        DType dtype = info.dtype();
        int most = CHUNK_BYTES / dtype.bytes();
        byte[] bytes = new byte[Math.min(count, most) * dtype.bytes()];
        for (int done = 0; done < count; done += most) {
            int n = Math.min(most, count - done);
            dtype.narrow(values, offset + done, n, MemorySegment.ofArray(bytes), 0);
            write(toElement + done, n, ByteBuffer.wrap(bytes, 0, n * dtype.bytes()));
        }
    }

    @Override
    public void raw(long toElement, MemorySegment bytes) throws IOException {
        int width = info.dtype().bytes();
        if (bytes.byteSize() % width != 0) {
            throw new IllegalArgumentException(
                    bytes.byteSize() + " bytes are not whole elements of " + info.dtype());
        }
        for (long done = 0; done < bytes.byteSize(); done += CHUNK_BYTES) {
            MemorySegment chunk =
                    bytes.asSlice(done, Math.min(CHUNK_BYTES, bytes.byteSize() - done));
            write(toElement + done / width, chunk.byteSize() / width, chunk.asByteBuffer());
        }
    }

    void requireComplete() {
        if (written.get() != info.shape().elements()) {
            throw new IllegalStateException(
                    "the source of tensor %s gave %d of %d elements"
                            .formatted(
                                    Quoted.of(info.name()),
                                    written.get(),
                                    info.shape().elements()));
        }
    }

    private void write(long toElement, long count, ByteBuffer bytes) throws IOException {
        Objects.checkFromIndexSize(toElement, count, info.shape().elements());
        long at = info.offset() + toElement * info.dtype().bytes();
        while (bytes.hasRemaining()) {
            at += channel.write(bytes, at);
        }
        written.addAndGet(count);
    }
}
