package dev.espalier.transfer;

import java.io.IOException;

/** A body ended before its announced length. What came is kept and can be resumed from. */
public final class IncompleteBodyException extends IOException {

    private static final long serialVersionUID = 1L;

    IncompleteBodyException(long announced, long came) {
        super("announced " + announced + " bytes, " + came + " came");
    }
}
