package dev.espalier.registry.blob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.protocol.Digest;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.http.CacheControl;
import org.springframework.http.MediaType;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;

/** How bytes leave, with and without a server and a store that help. */
class BlobSenderTest {

    private static final byte[] BYTES = randomBytes();
    private static final Digest DIGEST = Digest.of(BYTES);

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final MockHttpServletRequest request = new MockHttpServletRequest("GET", "/");
    private final MockHttpServletResponse response = new MockHttpServletResponse();

    @TempDir private Path folder;

    @Test
    void aLargeFileIsHandedToTheServerThatOffersToSendIt() throws IOException {
        request.setAttribute("org.apache.tomcat.sendfile.support", true);
        request.addHeader("Range", "bytes=1000-");
        FileBlobStore store = new FileBlobStore(folder.resolve("store"));

        send(store, BYTES.length);

        assertThat(response.getContentAsByteArray()).isEmpty();
        assertThat(request.getAttribute("org.apache.tomcat.sendfile.filename"))
                .isEqualTo(store.localFile(DIGEST).orElseThrow().toString());
        assertThat(request.getAttribute("org.apache.tomcat.sendfile.start")).isEqualTo(1000L);
        assertThat(request.getAttribute("org.apache.tomcat.sendfile.end"))
                .isEqualTo((long) BYTES.length);
        assertThat(response.getContentLengthLong()).isEqualTo(BYTES.length - 1000);
    }

    @Test
    void elsewhereItIsCopied() throws IOException {
        request.addHeader("Range", "bytes=1000-299998");

        send(new FileBlobStore(folder.resolve("store")), BYTES.length);

        assertThat(response.getContentAsByteArray())
                .isEqualTo(Arrays.copyOfRange(BYTES, 1000, 299_999));
    }

    @Test
    void aStoreWithoutFilesIsCopiedFromWhateverTheServerOffers() throws IOException {
        request.setAttribute("org.apache.tomcat.sendfile.support", true);

        send(new MemoryBlobStore(), BYTES.length);

        assertThat(response.getContentAsByteArray()).isEqualTo(BYTES);
        assertThat(meters.get("espalier.registry.blob.sent").counter().count())
                .isEqualTo(BYTES.length);
    }

    @Test
    void aDamagedBlobIsFoundOutBeforeAnythingIsSent() {
        assertThatThrownBy(() -> send(new MemoryBlobStore(), BYTES.length + 1))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(DIGEST.hex());
        assertThat(response.isCommitted()).isFalse();
    }

    private void send(BlobStore store, long size) throws IOException {
        store.store(DIGEST, Files.write(folder.resolve("upload"), BYTES));
        new BlobSender(store, meters)
                .send(
                        new BlobSender.Sending(
                                DIGEST,
                                size,
                                MediaType.APPLICATION_OCTET_STREAM,
                                "model.safetensors",
                                CacheControl.noCache()),
                        request,
                        response);
    }

    private static byte[] randomBytes() {
        byte[] bytes = new byte[300_000];
        new Random(3).nextBytes(bytes);
        return bytes;
    }
}
