/**
 * Bytes under the name of their own SHA-256: taken in, kept once, given out.
 *
 * <p>May enter: storage, uploads that are taken up again, ranges, zero-copy sending. <br>
 * Stays outside: what the bytes mean and which version they belong to.
 */
@NullMarked
package dev.espalier.registry.blob;

import org.jspecify.annotations.NullMarked;
