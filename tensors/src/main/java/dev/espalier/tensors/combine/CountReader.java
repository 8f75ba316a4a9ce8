package dev.espalier.tensors.combine;

import java.io.IOException;

/** Tells, slice by slice, how many contributed to each element: what a {@link CountSink} took. */
@FunctionalInterface
public interface CountReader {

    void read(long fromElement, int[] into, int offset, int count) throws IOException;
}
