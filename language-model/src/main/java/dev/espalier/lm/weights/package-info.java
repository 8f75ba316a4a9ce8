/**
 * Pretrained weights as files: Hugging Face folders, read in place, and the one foreign format we
 * import from.
 *
 * <p>May enter: file layouts, names of stored tensors, {@code config.json}. <br>
 * Stays outside: what a tensor is used for. <br>
 * Knocks on: {@code compute}, and {@code dev.espalier.tensors} for safetensors.
 */
@NullMarked
package dev.espalier.lm.weights;

import org.jspecify.annotations.NullMarked;
