package dev.espalier.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.espalier.protocol.Digest;
import dev.espalier.transfer.Receiver.Fault;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileDownloadTest {

    private static final byte[] BYTES =
            "espaliers are pruned and trained".getBytes(StandardCharsets.UTF_8);
    private static final Retries THREE =
            new Retries(3, Duration.ofSeconds(1), Duration.ofSeconds(2));

    @TempDir Path folder;

    private final List<Duration> pauses = new ArrayList<>();
    private final HttpClient http = HttpClient.newHttpClient();
    private Receiver sender;

    @BeforeEach
    void start() throws IOException {
        sender = new Receiver(folder).offering(BYTES);
    }

    @AfterEach
    void stop() {
        sender.close();
        http.close();
    }

    @Test
    void theFileIsThereWholeAndTheSecondTimeCostsNothing() throws Exception {
        assertThat(fetch()).isEqualTo(BYTES.length);
        assertThat(fetch()).isZero();

        assertThat(target()).hasBinaryContent(BYTES);
        assertThat(sender.requests()).containsExactly("GET");
    }

    @Test
    void aBrokenConnectionIsTakenUpWhereItEnded() throws Exception {
        sender.failing(Fault.CUT_OFF);

        assertThat(fetch()).isEqualTo(BYTES.length);
        assertThat(target()).hasBinaryContent(BYTES);
    }

    @Test
    void otherBytesThanTheDigestNamesNeverAppear() {
        sender.failing(Fault.WRONG_BYTES, Fault.WRONG_BYTES, Fault.WRONG_BYTES);

        assertThatExceptionOfType(TransferException.class)
                .isThrownBy(this::fetch)
                .withMessageContaining("digest");
        assertThat(target()).doesNotExist();
    }

    @Test
    void bytesSpoiltOnTheWayAreFetchedAnew() throws Exception {
        sender.failing(Fault.WRONG_BYTES);

        fetch();

        assertThat(target()).hasBinaryContent(BYTES);
    }

    @Test
    void aRefusalIsNotTriedAgain() {
        sender.failing(Fault.REFUSED);

        assertThatExceptionOfType(RefusedException.class).isThrownBy(this::fetch);
        assertThat(pauses).isEmpty();
    }

    @Test
    void moreBytesThanAnnouncedAreNotTaken() {
        assertThatExceptionOfType(TransferException.class)
                .isThrownBy(() -> download().fetch(sender.uri(), Digest.of(BYTES), 5, target()));
        assertThat(target()).doesNotExist();
    }

    @Test
    void anEmptyFileIsAFileToo() throws Exception {
        sender.offering(new byte[0]);

        download().fetch(sender.uri(), Digest.of(new byte[0]), 0, target());

        assertThat(Files.size(target())).isZero();
    }

    private long fetch() throws IOException, InterruptedException {
        return download().fetch(sender.uri(), Digest.of(BYTES), BYTES.length, target());
    }

    private FileDownload download() {
        return new FileDownload(http, THREE, pauses::add);
    }

    private Path target() {
        return folder.resolve("target");
    }
}
