package dev.espalier.transfer;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Sends a file by PUT, or piece by piece with PATCH when it is long, and takes it up again where
 * the receiver says it ended.
 */
public final class FileUpload {

    private static final long PIECE = 32L << 20;
    private static final Duration ANSWER_WITHIN = Duration.ofMinutes(10);

    private final HttpClient http;
    private final Retries retries;
    private final Sleeper sleeper;
    private final long piece;

    public FileUpload(HttpClient http, Retries retries, Sleeper sleeper) {
        this(http, retries, sleeper, PIECE);
    }

    /**
     * @param piece bytes of one PATCH; a file up to that long goes in one PUT
     */
    FileUpload(HttpClient http, Retries retries, Sleeper sleeper, long piece) {
        this.http = http;
        this.retries = retries;
        this.sleeper = sleeper;
        this.piece = piece;
    }

    /**
     * Sends until the receiver has the whole file or refuses it.
     *
     * @param headers sent with every request: digest, authorization
     * @return the final answer: a success, or a refusal (4xx) with its problem as body
     * @throws TransferException when the receiver stays unreachable or unwell (5xx, 429) through
     *     all retries
     */
    public HttpResponse<byte[]> send(Path file, URI target, Map<String, String> headers)
            throws IOException, InterruptedException {
        long size = Files.size(file);
        long offset = size <= piece ? 0 : offset(target, headers, size);
        int failed = 0;
        while (true) {
            Attempt attempt = attempt(file, target, headers, offset, size);
            HttpResponse<byte[]> answer = attempt.answer();
            if (answer != null && isFinal(answer)) {
                return answer;
            }
            long reached =
                    answer != null && answer.statusCode() == 204
                            ? announcedOffset(answer, offset)
                            : -1;
            if (reached > offset) {
                offset = reached;
                failed = 0;
                continue;
            }
            if (++failed >= retries.attempts()) {
                throw new TransferException(
                        target + " did not take the file: " + attempt.why(), attempt.failure());
            }
            sleeper.sleep(retries.pauseAfter(failed));
            offset = offset(target, headers, size);
        }
    }

    /**
     * @param answer null when there was none
     */
    private record Attempt(@Nullable HttpResponse<byte[]> answer, @Nullable IOException failure) {

        String why() {
            return answer == null ? String.valueOf(failure) : "status " + answer.statusCode();
        }
    }

    private Attempt attempt(
            Path file, URI target, Map<String, String> headers, long offset, long size)
            throws InterruptedException {
        try {
            HttpRequest request =
                    offset == 0 && size <= piece
                            ? request(target, headers).PUT(BodyPublishers.ofFile(file)).build()
                            : patch(file, target, headers, offset, size);
            return new Attempt(http.send(request, BodyHandlers.ofByteArray()), null);
        } catch (IOException broken) {
            return new Attempt(null, broken);
        }
    }

    private HttpRequest patch(
            Path file, URI target, Map<String, String> headers, long offset, long size) {
        long length = Math.min(piece, size - offset);
        return request(target, headers)
                .header("Upload-Offset", Long.toString(offset))
                .header("Upload-Length", Long.toString(size))
                .method("PATCH", slice(file, offset, length))
                .build();
    }

    /**
     * 0 where the receiver has nothing, or does not say; it then says in the answer to the body
     * what is wrong.
     */
    private long offset(URI target, Map<String, String> headers, long size)
            throws InterruptedException {
        HttpRequest request = request(target, headers).HEAD().build();
        try {
            HttpResponse<byte[]> answer = http.send(request, BodyHandlers.ofByteArray());
            return switch (answer.statusCode()) {
                case 200 -> size; // all of it is held: an empty piece asks for the final answer
                case 204 -> announcedOffset(answer, 0);
                default -> 0;
            };
        } catch (IOException broken) {
            return 0; // the attempt that follows meets the same wall and counts it
        }
    }

    private static HttpRequest.Builder request(URI target, Map<String, String> headers) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(target)
                        .version(HttpClient.Version.HTTP_1_1)
                        .timeout(ANSWER_WITHIN)
                        .header("Content-Type", "application/octet-stream");
        headers.forEach(request::header);
        return request;
    }

    private static BodyPublisher slice(Path file, long offset, long length) {
        if (length == 0) {
            return BodyPublishers.noBody();
        }
        return BodyPublishers.fromPublisher(
                BodyPublishers.ofInputStream(() -> new BoundedStream(open(file, offset), length)),
                length);
    }

    private static InputStream open(Path file, long offset) {
        try {
            return Channels.newInputStream(FileChannel.open(file).position(offset));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isFinal(HttpResponse<byte[]> answer) {
        int status = answer.statusCode();
        boolean tryAgain = status >= 500 || status == 429 || status == 408;
        boolean elsewhere =
                status == 409 && answer.headers().firstValue("Upload-Offset").isPresent();
        return !tryAgain && !elsewhere && status != 204;
    }

    private static long announcedOffset(HttpResponse<byte[]> answer, long otherwise) {
        return answer.headers().firstValueAsLong("Upload-Offset").orElse(otherwise);
    }
}
