package dev.espalier.registry.blob;

import dev.espalier.problem.ProblemException;
import dev.espalier.protocol.Digest;
import dev.espalier.protocol.problem.ProblemType;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import org.springframework.http.CacheControl;
import org.springframework.http.ContentDisposition;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.web.context.request.ServletWebRequest;

/**
 * Gives blobs out: conditionally, in ranges, and by the kernel alone where the server offers that.
 */
public final class BlobSender {

    private static final int BUFFER = 256 * 1024;

    /** Below that a copy is as cheap as handing the file over. */
    private static final int WORTH_HANDING_OVER = 64 * 1024;

    private final BlobStore store;
    private final Counter bytesOut;

    BlobSender(BlobStore store, MeterRegistry meters) {
        this.store = store;
        this.bytesOut =
                Counter.builder("espalier.registry.blob.sent")
                        .description("bytes of answers that were begun")
                        .baseUnit("bytes")
                        .register(meters);
    }

    /**
     * A blob as a caller shall see it.
     *
     * @param name of the file that a browser would save
     */
    public record Sending(
            Digest digest, long size, MediaType type, String name, CacheControl caching) {}

    public void send(Sending what, HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        String etag = "\"" + what.digest() + "\"";
        if (new ServletWebRequest(request, response).checkNotModified(etag)) {
            response.setHeader(HttpHeaders.CACHE_CONTROL, what.caching().getHeaderValue());
            return;
        }
        requireIntact(what);
        ByteRange.Part part = part(what, etag, request, response);
        describe(what, response);
        response.setContentLengthLong(part.to() - part.from());
        if (!request.getMethod().equals("HEAD")) {
            transmit(what.digest(), part, request, response);
        }
    }

    /** Found out before the first header, not in the middle of the bytes. */
    private void requireIntact(Sending what) throws IOException {
        if (!store.size(what.digest()).equals(OptionalLong.of(what.size()))) {
            throw new IOException("blob " + what.digest() + " is damaged or lost in its store");
        }
    }

    private static ByteRange.Part part(
            Sending what, String etag, HttpServletRequest request, HttpServletResponse response) {
        String ifRange = request.getHeader(HttpHeaders.IF_RANGE);
        String range =
                ifRange == null || ifRange.equals(etag)
                        ? request.getHeader(HttpHeaders.RANGE)
                        : null;
        return switch (ByteRange.of(range, what.size())) {
            case ByteRange.Whole _ -> new ByteRange.Part(0, what.size());
            case ByteRange.Part part -> {
                response.setStatus(HttpServletResponse.SC_PARTIAL_CONTENT);
                response.setHeader(
                        HttpHeaders.CONTENT_RANGE,
                        "bytes %d-%d/%d".formatted(part.from(), part.to() - 1, what.size()));
                yield part;
            }
            case ByteRange.Outside _ ->
                    throw new ProblemException(
                                    ProblemType.RANGE_NOT_SATISFIABLE,
                                    "%s lies outside the %d bytes of the file"
                                            .formatted(range, what.size()))
                            .withHeader(HttpHeaders.CONTENT_RANGE, "bytes */" + what.size());
        };
    }

    private static void describe(Sending what, HttpServletResponse response) {
        response.setContentType(what.type().toString());
        response.setHeader(HttpHeaders.ACCEPT_RANGES, "bytes");
        response.setHeader(HttpHeaders.CACHE_CONTROL, what.caching().getHeaderValue());
        // whatever was uploaded, a browser saves it and never runs it as a page of this server
        response.setHeader("X-Content-Type-Options", "nosniff");
        response.setHeader(
                HttpHeaders.CONTENT_DISPOSITION,
                ContentDisposition.attachment().filename(what.name()).build().toString());
    }

    private void transmit(
            Digest digest,
            ByteRange.Part part,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException {
        long length = part.to() - part.from();
        bytesOut.increment((double) length);
        Optional<Path> file = store.localFile(digest);
        if (file.isPresent() && length >= WORTH_HANDING_OVER && Sendfile.isOffered(request)) {
            Sendfile.handOver(request, file.get(), part);
            return;
        }
        try (InputStream bytes = store.open(digest, part.from())) {
            copy(bytes, length, response.getOutputStream());
        }
    }

    private static void copy(InputStream bytes, long length, OutputStream out) throws IOException {
        byte[] buffer = new byte[(int) Math.min(BUFFER, length)];
        for (long left = length; left > 0; ) {
            int read = bytes.read(buffer, 0, (int) Math.min(buffer.length, left));
            if (read < 0) {
                throw new EOFException(left + " bytes of a blob are missing in its store");
            }
            out.write(buffer, 0, read);
            left -= read;
        }
    }

    /**
     * Tomcat's door to the kernel: the file's pages go to the socket without passing the heap.
     * Plain HTTP/1.1 only; elsewhere Tomcat does not offer it.
     */
    private static final class Sendfile {

        static boolean isOffered(HttpServletRequest request) {
            return Boolean.TRUE.equals(request.getAttribute("org.apache.tomcat.sendfile.support"));
        }

        static void handOver(HttpServletRequest request, Path file, ByteRange.Part part) {
            request.setAttribute("org.apache.tomcat.sendfile.filename", file.toString());
            request.setAttribute("org.apache.tomcat.sendfile.start", part.from());
            request.setAttribute("org.apache.tomcat.sendfile.end", part.to());
        }
    }
}
