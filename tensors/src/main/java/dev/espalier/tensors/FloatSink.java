package dev.espalier.tensors;

import java.io.IOException;

/**
 * Takes a long row of floats slice by slice, in any order and from any thread, each element once.
 */
@FunctionalInterface
public interface FloatSink {

    void write(long toElement, float[] values, int offset, int count) throws IOException;

    /** Writes into the array itself. */
    static FloatSink into(float[] target) {
        return (to, values, offset, count) ->
                System.arraycopy(values, offset, target, Math.toIntExact(to), count);
    }
}
