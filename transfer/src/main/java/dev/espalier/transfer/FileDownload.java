package dev.espalier.transfer;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;

import dev.espalier.protocol.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Fetches a file whose digest and size are known, goes on where a connection broke, and never shows
 * half of it.
 */
public final class FileDownload {

    private static final int BUFFER = 256 * 1024;
    private static final Duration ANSWER_WITHIN = Duration.ofMinutes(1);

    private final HttpClient http;
    private final Retries retries;
    private final Sleeper sleeper;

    public FileDownload(HttpClient http, Retries retries, Sleeper sleeper) {
        this.http = http;
        this.retries = retries;
        this.sleeper = sleeper;
    }

    /**
     * Brings the file to {@code target}; at once done if it lies there already with its size.
     *
     * @return bytes that were fetched over the network
     * @throws RefusedException the sender does not have or give it
     * @throws TransferException the sender stays unreachable, or keeps sending other bytes than the
     *     digest names
     */
    public long fetch(URI source, Digest digest, long size, Path target)
            throws IOException, InterruptedException {
        if (Files.exists(target) && Files.size(target) == size) {
            return 0;
        }
        Path part = target.resolveSibling(target.getFileName() + ".part");
        long fetched = 0;
        int failed = 0;
        while (true) {
            long before = Files.exists(part) ? Files.size(part) : 0;
            IOException why =
                    before < size || !Files.exists(part) ? piece(source, before, size, part) : null;
            long now = Files.exists(part) ? Files.size(part) : 0;
            fetched += Math.max(now - before, 0);
            if (now == size) {
                if (StagedUpload.at(part).digest().equals(digest)) {
                    StagedUpload.at(part).moveTo(target);
                    return fetched;
                }
                Files.delete(part);
                why = new IOException("the bytes do not have the digest " + digest);
            }
            failed = now > before && now < size ? 1 : failed + 1;
            if (failed >= retries.attempts()) {
                throw new TransferException(source + " could not be fetched: " + why, why);
            }
            sleeper.sleep(retries.pauseAfter(failed));
        }
    }

    /**
     * Fetches what is missing, as far as the connection holds; says what broke it, or the last
     * thing known.
     */
    private IOException piece(URI source, long offset, long size, Path part)
            throws RefusedException, InterruptedException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(source)
                        .version(HttpClient.Version.HTTP_1_1)
                        .timeout(ANSWER_WITHIN);
        if (offset > 0) {
            request.header("Range", "bytes=" + offset + "-");
        }
        try {
            HttpResponse<InputStream> answer =
                    http.send(request.build(), BodyHandlers.ofInputStream());
            try (InputStream body = answer.body()) {
                int status = answer.statusCode();
                if (status == 416) {
                    Files.deleteIfExists(part);
                } else if (status >= 400 && status < 500 && status != 408 && status != 429) {
                    throw new RefusedException(status, source.toString());
                } else if (status == 200 || status == 206) {
                    append(body, status == 206 ? offset : 0, size, part);
                }
                return new IOException("status " + status);
            }
        } catch (RefusedException refused) {
            throw refused;
        } catch (IOException broken) {
            return broken;
        }
    }

    private static void append(InputStream body, long offset, long size, Path part)
            throws IOException {
        try (FileChannel out = FileChannel.open(part, CREATE, WRITE)) {
            out.truncate(offset).position(offset);
            byte[] buffer = new byte[BUFFER];
            long at = offset;
            for (int read = body.read(buffer); read >= 0; read = body.read(buffer)) {
                at += read;
                if (at > size) {
                    throw new IOException("more than the announced " + size + " bytes came");
                }
                ByteBuffer bytes = ByteBuffer.wrap(buffer, 0, read);
                while (bytes.hasRemaining()) {
                    out.write(bytes);
                }
            }
        }
    }
}
