/**
 * What one client contributes to one tensor: which elements, and their values.
 *
 * <p>A <em>mask</em> is public and says which elements a client contributes: 1 = contributed, 0 =
 * not.
 *
 * <p>May enter: encodings of such contributions, their update file, their exact size in bytes, and
 * scans over their values. <br>
 * Stays outside: weights and means, and what a row or a column stands for (a head, a rank
 * component). <br>
 * Knocks on: {@code safetensors} and {@code quantised}.
 */
@NullMarked
package dev.espalier.tensors.masked;

import org.jspecify.annotations.NullMarked;
