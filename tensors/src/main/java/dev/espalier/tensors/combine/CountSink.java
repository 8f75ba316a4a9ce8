package dev.espalier.tensors.combine;

import java.io.IOException;

/**
 * Takes, slice by slice, how many contributed to each element; in any order and from any thread,
 * each element once.
 */
@FunctionalInterface
public interface CountSink {

    void write(long toElement, int[] counts, int offset, int count) throws IOException;
}
