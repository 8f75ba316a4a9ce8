package dev.espalier.transfer;

import java.io.IOException;

/** The other side refused a download for good (a 4xx); asking again would not help. */
public final class RefusedException extends IOException {

    private static final long serialVersionUID = 1L;

    private final int status;

    RefusedException(int status, String what) {
        super(what + " was refused with status " + status);
        this.status = status;
    }

    public int status() {
        return status;
    }
}
