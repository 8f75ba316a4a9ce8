package dev.espalier.tensors.masked;

import java.io.IOException;

/**
 * An update file that is safetensors but not a valid update. The message names the tensor and the
 * reason.
 */
public final class UpdateFormatException extends IOException {

    private static final long serialVersionUID = 1L;

    public UpdateFormatException(String reason) {
        super(reason);
    }
}
