package dev.espalier.tensors.safetensors;

import java.io.IOException;

/**
 * A file that is not safetensors, or not the safe part of it. The message says what is wrong, never
 * the content.
 */
public final class MalformedSafetensorsException extends IOException {

    private static final long serialVersionUID = 1L;

    public MalformedSafetensorsException(String reason) {
        super(reason);
    }
}
