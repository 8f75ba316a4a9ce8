/**
 * The words every other tensor room uses: element types and shapes.
 *
 * <p>May enter: what describes numbers in memory, and the exact conversion between their formats.
 * <br>
 * Stays outside: files, masks, aggregation, and anything that knows what a transformer is. <br>
 * Knocks on: nothing but the JDK.
 */
@NullMarked
package dev.espalier.tensors;

import org.jspecify.annotations.NullMarked;
