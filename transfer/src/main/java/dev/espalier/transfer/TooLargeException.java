package dev.espalier.transfer;

import java.io.IOException;

/** A file would grow beyond what is allowed for it. */
public final class TooLargeException extends IOException {

    private static final long serialVersionUID = 1L;

    TooLargeException(long allowed) {
        super("at most " + allowed + " bytes are allowed");
    }
}
