package dev.espalier.tensors.quantised;

import java.lang.foreign.MemorySegment;

/** One packed vector, read where it lies. */
sealed interface Vector permits CodedVector, PlainVector {

    float value(int i);

    /**
     * @throws IllegalArgumentException where this is nothing that an encoder writes
     */
    void check();

    /**
     * @param bytes of this vector alone
     */
    static Vector of(MemorySegment bytes, Precision precision, int length) {
        return precision.hasScale()
                ? CodedVector.of(bytes, precision, length)
                : new PlainVector(bytes, precision, length);
    }

    /**
     * @param into of this vector alone, all zero
     */
    static void encode(
            float[] values, int from, int length, Precision precision, MemorySegment into) {
        if (precision.hasScale()) {
            CodedVector.encode(values, from, length, precision, into);
        } else {
            PlainVector.encode(values, from, length, precision, into);
        }
    }
}
