/**
 * Safetensors files: a JSON header, then the bytes of all tensors, nothing else.
 *
 * <p>May enter: reading files that nobody vouches for, and writing them so that the same content
 * always gives the same bytes. <br>
 * Stays outside: what a tensor means. Masks, index sets and models are other rooms. <br>
 * Knocks on: {@code dev.espalier.tensors}.
 *
 * @see <a href="https://huggingface.co/docs/safetensors/index#format">The format</a>
 */
@NullMarked
package dev.espalier.tensors.safetensors;

import org.jspecify.annotations.NullMarked;
