package dev.espalier.aggregation.intake;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * A body that ends where the sender's connection breaks, so that what came until then is kept. The
 * announced length tells it from one that is whole, and trouble with our own disk stays an error.
 */
final class BrokenOffBody extends FilterInputStream {

    BrokenOffBody(InputStream body) {
        super(body);
    }

    @Override
    public int read() {
        try {
            return super.read();
        } catch (IOException broken) {
            return -1;
        }
    }

    @Override
    public int read(byte[] into, int offset, int length) {
        try {
            return super.read(into, offset, length);
        } catch (IOException broken) {
            return -1;
        }
    }
}
