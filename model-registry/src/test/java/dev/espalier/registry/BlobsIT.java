package dev.espalier.registry;

import static dev.espalier.registry.RegistryCalls.BYTES;
import static dev.espalier.registry.RegistryCalls.blob;
import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.protocol.Digest;
import dev.espalier.protocol.problem.ProblemType;
import dev.espalier.registry.RegistryCalls.Answer;
import dev.espalier.transfer.FileDownload;
import dev.espalier.transfer.FileUpload;
import dev.espalier.transfer.Retries;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BlobsIT extends RunningRegistry {

    @Test
    void whatWentUpComesDown() {
        byte[] bytes = bytes(1, 3_000_000);
        Digest digest = Digest.of(bytes);

        assertThat(registry.upload(digest, bytes).status()).isEqualTo(201);

        Answer down = registry.get(blob(digest));
        assertThat(down.status()).isEqualTo(200);
        assertThat(down.bytes()).isEqualTo(bytes);
        assertThat(down.header("ETag")).isEqualTo("\"" + digest + "\"");
        assertThat(down.header("Cache-Control")).isEqualTo("max-age=31536000, immutable");
        assertThat(down.header("Content-Type")).isEqualTo(BYTES);
        assertThat(down.header("X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(down.header("Content-Disposition")).contains("attachment");
    }

    @Test
    void theSameBytesAgainAreFree() {
        byte[] bytes = bytes(2, 100_000);

        assertThat(registry.upload(Digest.of(bytes), bytes).status()).isEqualTo(201);
        assertThat(registry.upload(Digest.of(bytes), bytes).status()).isEqualTo(200);
        assertThat(registry.piece(Digest.of(bytes), 0, bytes.length, bytes).status())
                .isEqualTo(200);
    }

    @Test
    void anEmptyBlobIsABlob() {
        Digest digest = Digest.of(new byte[0]);

        assertThat(registry.upload(digest, new byte[0]).status()).isIn(200, 201);
        assertThat(registry.get(blob(digest)).bytes()).isEmpty();
        assertThat(registry.get(blob(digest), "Range", "bytes=0-").status()).isEqualTo(416);
    }

    @Test
    void otherBytesThanTheNameSaysAreDropped() {
        byte[] bytes = bytes(3, 100_000);
        Digest other = Digest.of(new byte[] {3});

        Answer answer = registry.upload(other, bytes);

        assertThat(answer.status()).isEqualTo(422);
        assertThat(answer.problem().is(ProblemType.DIGEST_MISMATCH)).isTrue();
        assertThat(answer.problem().detail()).contains(Digest.of(bytes).hex());
        assertThat(registry.head(blob(other)).status()).isEqualTo(404);
        assertThat(staged().toFile().list()).noneMatch(name -> name.startsWith(other.hex()));
    }

    @Test
    void aBlobOverTheLimitIsRefused() {
        byte[] bytes = bytes(4, (int) MAX_BLOB + 1);
        Digest digest = Digest.of(bytes);

        assertThat(registry.upload(digest, bytes).problem().is(ProblemType.TOO_LARGE)).isTrue();
        assertThat(registry.piece(digest, 0, bytes.length, new byte[10]).status()).isEqualTo(413);
        assertThat(registry.head(blob(digest)).status()).isEqualTo(404);
    }

    @Test
    void aBodyWithoutLengthIsRefused() {
        byte[] bytes = bytes(5, 1000);

        Answer answer =
                registry.send(
                        "PUT",
                        blob(Digest.of(bytes)),
                        BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(bytes)),
                        "Content-Type",
                        BYTES);

        assertThat(answer.status()).isEqualTo(411);
        assertThat(answer.problem().is(ProblemType.LENGTH_REQUIRED)).isTrue();
    }

    @Test
    void piecesMakeABlob() {
        byte[] bytes = bytes(6, 500_000);
        Digest digest = Digest.of(bytes);

        Answer first = registry.piece(digest, 0, bytes.length, Arrays.copyOf(bytes, 200_000));
        assertThat(first.status()).isEqualTo(204);
        assertThat(first.header("Upload-Offset")).isEqualTo("200000");

        Answer head = registry.head(blob(digest));
        assertThat(head.status()).isEqualTo(204);
        assertThat(head.header("Upload-Complete")).isEqualTo("?0");
        assertThat(head.header("Upload-Offset")).isEqualTo("200000");
        assertThat(registry.get(blob(digest)).status()).isEqualTo(404);

        Answer last =
                registry.piece(
                        digest,
                        200_000,
                        bytes.length,
                        Arrays.copyOfRange(bytes, 200_000, bytes.length));
        assertThat(last.status()).isEqualTo(201);

        Answer whole = registry.head(blob(digest));
        assertThat(whole.status()).isEqualTo(200);
        assertThat(whole.header("Upload-Complete")).isEqualTo("?1");
        assertThat(whole.header("Content-Length")).isEqualTo("500000");
        assertThat(registry.get(blob(digest)).bytes()).isEqualTo(bytes);
    }

    @Test
    void aPieceThatDoesNotFitIsToldWhereToGoOn() {
        byte[] bytes = bytes(7, 1000);
        Digest digest = Digest.of(bytes);
        registry.piece(digest, 0, 1000, Arrays.copyOf(bytes, 400));

        Answer gap = registry.piece(digest, 500, 1000, Arrays.copyOf(bytes, 10));
        Answer again = registry.piece(digest, 0, 1000, Arrays.copyOf(bytes, 400));

        assertThat(gap.problem().is(ProblemType.OFFSET_MISMATCH)).isTrue();
        assertThat(gap.header("Upload-Offset")).isEqualTo("400");
        assertThat(again.status()).isEqualTo(409);
    }

    @Test
    void piecesBeyondTheAnnouncedLengthAreRefused() {
        byte[] bytes = bytes(8, 1000);

        Answer answer = registry.piece(Digest.of(bytes), 0, 999, bytes);

        assertThat(answer.problem().is(ProblemType.TOO_LARGE)).isTrue();
    }

    @Test
    void piecesWithoutSensibleHeadersAreRefused() {
        Digest digest = Digest.of(bytes(9, 10));

        assertThat(
                        registry.piece(digest, -1, 10, new byte[1])
                                .problem()
                                .is(ProblemType.INVALID_VALUE))
                .isTrue();
        Answer noHeaders =
                registry.send(
                        "PATCH",
                        blob(digest),
                        BodyPublishers.ofByteArray(new byte[1]),
                        "Content-Type",
                        BYTES);
        assertThat(noHeaders.problem().is(ProblemType.MALFORMED_REQUEST)).isTrue();
    }

    @Test
    void anInterruptedUploadLeavesNoHalfBlobAndIsGoneOnWith() throws Exception {
        byte[] bytes = bytes(10, 5_000_000);
        Digest digest = Digest.of(bytes);

        breakOffAfter(2_000_000, digest, bytes);

        assertThat(registry.get(blob(digest)).status()).isEqualTo(404);
        Answer head = untilTheServerHasNoticed(digest);
        long kept = Long.parseLong(head.header("Upload-Offset"));
        assertThat(kept).isPositive().isLessThanOrEqualTo(2_000_000);
        Answer rest =
                registry.piece(
                        digest,
                        kept,
                        bytes.length,
                        Arrays.copyOfRange(bytes, (int) kept, bytes.length));
        assertThat(rest.status()).isEqualTo(201);
        assertThat(registry.get(blob(digest)).bytes()).isEqualTo(bytes);
    }

    @Test
    void ourOwnClientsFindTheirWay(@TempDir Path folder) throws Exception {
        byte[] bytes = bytes(11, 4_000_000);
        Digest digest = Digest.of(bytes);
        Path source = Files.write(folder.resolve("source"), bytes);
        HttpClient http = HttpClient.newHttpClient();
        Retries retries = new Retries(3, Duration.ZERO, Duration.ZERO);

        var answer =
                new FileUpload(http, retries, pause -> {})
                        .send(source, registry.uri(blob(digest)), Map.of());
        Path target = folder.resolve("target");
        new FileDownload(http, retries, pause -> {})
                .fetch(registry.uri(blob(digest)), digest, bytes.length, target);

        assertThat(answer.statusCode()).isEqualTo(201);
        assertThat(target).hasBinaryContent(bytes);
    }

    @Test
    void manyUploadsOfOneBlobAtATimeStoreItOnce() throws Exception {
        byte[] bytes = bytes(12, 2_000_000);
        Digest digest = Digest.of(bytes);
        List<Callable<Integer>> uploads = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            uploads.add(() -> registry.upload(digest, bytes).status());
        }

        List<Integer> statuses = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<Integer> upload : threads.invokeAll(uploads)) {
                statuses.add(upload.get());
            }
        }

        assertThat(statuses).containsOnly(200, 201).containsOnlyOnce(201);
        assertThat(registry.get(blob(digest)).bytes()).isEqualTo(bytes);
        assertThat(staged().toFile().list()).noneMatch(name -> name.startsWith(digest.hex()));
    }

    @Test
    void rangesGiveParts() {
        byte[] bytes = bytes(13, 300_000);
        Digest digest = registry.uploaded(bytes);

        Answer small = registry.get(blob(digest), "Range", "bytes=10-19");
        Answer handedOver = registry.get(blob(digest), "Range", "bytes=100000-");
        Answer end = registry.get(blob(digest), "Range", "bytes=-5");

        assertThat(small.status()).isEqualTo(206);
        assertThat(small.bytes()).isEqualTo(Arrays.copyOfRange(bytes, 10, 20));
        assertThat(small.header("Content-Range")).isEqualTo("bytes 10-19/300000");
        assertThat(handedOver.status()).isEqualTo(206);
        assertThat(handedOver.bytes()).isEqualTo(Arrays.copyOfRange(bytes, 100_000, 300_000));
        assertThat(end.bytes()).isEqualTo(Arrays.copyOfRange(bytes, 299_995, 300_000));
    }

    @Test
    void aRangeOutsideIsRefusedWithTheSize() {
        Digest digest = registry.uploaded(bytes(14, 1000));

        Answer answer = registry.get(blob(digest), "Range", "bytes=1000-");

        assertThat(answer.status()).isEqualTo(416);
        assertThat(answer.header("Content-Range")).isEqualTo("bytes */1000");
        assertThat(answer.problem().is(ProblemType.RANGE_NOT_SATISFIABLE)).isTrue();
    }

    @Test
    void whoHasTheBytesIsNotSentThemAgain() {
        Digest digest = registry.uploaded(bytes(15, 1000));

        Answer answer = registry.get(blob(digest), "If-None-Match", "\"" + digest + "\"");

        assertThat(answer.status()).isEqualTo(304);
        assertThat(answer.bytes()).isEmpty();
    }

    @Test
    void aRangeOfOtherBytesThanTheCallerHasGivesEverything() {
        byte[] bytes = bytes(16, 1000);
        Digest digest = registry.uploaded(bytes);

        Answer other = registry.get(blob(digest), "Range", "bytes=5-", "If-Range", "\"other\"");
        Answer same =
                registry.get(blob(digest), "Range", "bytes=5-", "If-Range", "\"" + digest + "\"");

        assertThat(other.status()).isEqualTo(200);
        assertThat(other.bytes()).isEqualTo(bytes);
        assertThat(same.status()).isEqualTo(206);
    }

    @Test
    void aBlobWhoseFileWasLostIsAskedForAgain() throws IOException {
        byte[] bytes = bytes(19, 1000);
        Digest digest = registry.uploaded(bytes);
        registry.published("b-lost", Messages.base("k", Messages.file("a", digest, bytes.length)));
        Files.delete(stored(digest));

        assertThat(registry.head(blob(digest)).status()).isEqualTo(404);
        assertThat(registry.get("/api/v1/models/b-lost/versions/1/files/a").status())
                .isEqualTo(500);

        assertThat(registry.upload(digest, bytes).status()).isEqualTo(200);
        assertThat(registry.get("/api/v1/models/b-lost/versions/1/files/a").bytes())
                .isEqualTo(bytes);
    }

    @Test
    void whatIsNoDigestIsRefused() {
        assertThat(registry.get("/api/v1/blobs/abc").problem().is(ProblemType.INVALID_VALUE))
                .isTrue();
        assertThat(registry.get("/api/v1/blobs/" + "A".repeat(64)).status()).isEqualTo(422);
        assertThat(registry.get("/api/v1/blobs/..%2f..%2fetc%2fpasswd").status())
                .isBetween(400, 499);
    }

    @Test
    void anUnknownBlobIsNotFound() {
        assertThat(registry.get(blob(Digest.of(bytes(17, 10)))).problem().is(ProblemType.NOT_FOUND))
                .isTrue();
    }

    @Test
    void otherMediaTypesAreRefused() {
        byte[] bytes = bytes(18, 10);

        Answer answer =
                registry.send(
                        "PUT",
                        blob(Digest.of(bytes)),
                        BodyPublishers.ofByteArray(bytes),
                        "Content-Type",
                        "text/plain");

        assertThat(answer.problem().is(ProblemType.UNSUPPORTED_MEDIA_TYPE)).isTrue();
    }

    /** Announces all bytes, sends some, and closes the connection. */
    private void breakOffAfter(int sent, Digest digest, byte[] bytes) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", port())) {
            String head =
                    """
                    PUT %s HTTP/1.1\r
                    Host: localhost\r
                    Content-Type: application/octet-stream\r
                    Content-Length: %d\r
                    \r
                    """
                            .formatted(blob(digest), bytes.length);
            socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
            socket.getOutputStream().write(bytes, 0, sent);
            socket.getOutputStream().flush();
        }
    }

    /** The staged file can be gone on with as soon as the broken request has let go of it. */
    private Answer untilTheServerHasNoticed(Digest digest) {
        for (int attempt = 0; attempt < 1000; attempt++) {
            Answer head = registry.head(blob(digest));
            long offset = Long.parseLong("0" + head.header("Upload-Offset"));
            if (offset > 0
                    && registry.piece(digest, offset, 5_000_000, new byte[0]).status() == 204) {
                return head;
            }
            Thread.onSpinWait();
        }
        throw new AssertionError("the broken upload still holds its file");
    }

    private static byte[] bytes(long seed, int length) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }
}
