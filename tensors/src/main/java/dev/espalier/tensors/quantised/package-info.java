/**
 * Vectors of floats in 4, 8, 16 or 32 bits a value, and which precision a budget of bytes allows
 * (algorithms.md B.5).
 *
 * <p>May enter: the exact layout of such vectors, reading them where they lie, and the allotment of
 * bits. <br>
 * Stays outside: files, masks, and how the importance of a vector came about. <br>
 * Knocks on: nothing but the JDK and the words of {@code tensors}.
 */
@NullMarked
package dev.espalier.tensors.quantised;

import org.jspecify.annotations.NullMarked;
