package dev.espalier.tensors.safetensors;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * The place of one tensor in a file that is being written. Safe for many threads that write
 * different elements.
 */
public interface TensorSink {

    /**
     * Rounds to the tensor's type (F32, F16, BF16) and writes.
     *
     * @param toElement where the first one goes, in row-major order
     * @throws IndexOutOfBoundsException if that is outside the tensor
     */
    void floats(long toElement, float[] values, int offset, int count) throws IOException;

    /**
     * Writes whole elements, already little-endian.
     *
     * @param toElement where the first one goes, in row-major order
     * @throws IndexOutOfBoundsException if that is outside the tensor
     */
    void raw(long toElement, MemorySegment bytes) throws IOException;
}
