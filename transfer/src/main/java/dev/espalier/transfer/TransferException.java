package dev.espalier.transfer;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A transfer was given up: the other side could not be reached, or kept answering that it is not
 * well.
 */
public final class TransferException extends IOException {

    private static final long serialVersionUID = 1L;

    TransferException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
