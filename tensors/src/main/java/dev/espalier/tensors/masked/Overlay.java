package dev.espalier.tensors.masked;

import dev.espalier.tensors.FloatReader;
import java.util.Objects;

/**
 * All elements of a tensor: where a contribution holds one, that; else what lies beneath.
 *
 * @param beneath all elements of the tensor
 */
record Overlay(MaskedTensor above, FloatReader beneath) implements FloatReader {

    /** A long read takes no more workspace than this. */
    private static final int SLICE = 4096;

    @Override
    public void read(long fromElement, float[] into, int offset, int count) {
        Objects.checkFromIndexSize(fromElement, count, above.shape().elements());
        beneath.read(fromElement, into, offset, count);
        MaskedSlice slice = new MaskedSlice(Math.min(SLICE, count));
        for (int done = 0; done < count; done += SLICE) {
            slice.load(above, fromElement + done, Math.min(SLICE, count - done));
            slice.copyTo(into, offset + done);
        }
    }
}
