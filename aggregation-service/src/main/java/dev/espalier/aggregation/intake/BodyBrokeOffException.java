package dev.espalier.aggregation.intake;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** The sender's connection failed, as opposed to our disk. */
final class BodyBrokeOffException extends IOException {

    private static final long serialVersionUID = 1L;

    private BodyBrokeOffException(IOException cause) {
        super(cause);
    }

    /** The same body, but what goes wrong while it is read is this exception. */
    static InputStream marked(InputStream body) {
        return new FilterInputStream(body) {

            @Override
            public int read() throws IOException {
                try {
                    return super.read();
                } catch (IOException e) {
                    throw new BodyBrokeOffException(e);
                }
            }

            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                try {
                    return super.read(into, offset, length);
                } catch (IOException e) {
                    throw new BodyBrokeOffException(e);
                }
            }
        };
    }
}
