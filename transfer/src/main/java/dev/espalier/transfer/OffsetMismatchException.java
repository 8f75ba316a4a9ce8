package dev.espalier.transfer;

import java.io.IOException;

/**
 * A piece does not begin where the file ends, or another request is writing the same file right
 * now.
 */
public final class OffsetMismatchException extends IOException {

    private static final long serialVersionUID = 1L;

    private final long actual;

    OffsetMismatchException(long offered, long actual) {
        super("the piece begins at " + offered + " but " + actual + " bytes are there");
        this.actual = actual;
    }

    /** How many bytes are there: where the next piece must begin. */
    public long actual() {
        return actual;
    }
}
