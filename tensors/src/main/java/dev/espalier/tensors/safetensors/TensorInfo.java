package dev.espalier.tensors.safetensors;

import dev.espalier.tensors.DType;
import dev.espalier.tensors.Shape;

/**
 * Where one tensor lies in its file.
 *
 * @param offset of its first byte, counted from the start of the file
 * @param byteLength exactly {@code shape.bytes(dtype)}
 */
public record TensorInfo(String name, DType dtype, Shape shape, long offset, long byteLength) {}
