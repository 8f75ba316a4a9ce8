package dev.espalier.tensors.safetensors;

import java.io.IOException;

/**
 * A tensor that is made while it is written, slice by slice, so that it never has to be in memory
 * as a whole.
 *
 * <p>Must hand over every element exactly once, in any order and from any thread, before it
 * returns.
 */
@FunctionalInterface
public interface TensorSource {

    void writeTo(TensorSink sink) throws IOException;
}
