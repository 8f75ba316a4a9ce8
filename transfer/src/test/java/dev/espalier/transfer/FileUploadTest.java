package dev.espalier.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.espalier.transfer.Receiver.Fault;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FileUploadTest {

    private static final Retries THREE =
            new Retries(3, Duration.ofSeconds(1), Duration.ofSeconds(2));

    @TempDir Path folder;

    private final List<Duration> pauses = new ArrayList<>();
    private final HttpClient http = HttpClient.newHttpClient();
    private Receiver receiver;

    @BeforeEach
    void start() throws IOException {
        receiver = new Receiver(folder);
    }

    @AfterEach
    void stop() {
        receiver.close();
        http.close();
    }

    @Test
    void aShortFileGoesInOnePut() throws Exception {
        assertThat(upload(64).send(file(10), receiver.uri(), Map.of()).statusCode()).isEqualTo(201);

        assertThat(receiver.received()).isEqualTo(bytes(10));
        assertThat(receiver.requests()).containsExactly("PUT");
    }

    @ParameterizedTest
    @ValueSource(ints = {9, 16, 17, 63, 64, 65})
    void aLongFileArrivesWholeWhateverThePieces(int size) throws Exception {
        assertThat(upload(8).send(file(size), receiver.uri(), Map.of()).statusCode())
                .isEqualTo(201);

        assertThat(receiver.received()).isEqualTo(bytes(size));
    }

    @Test
    void aConnectionThatBreaksCostsNoMoreThanThePiece() throws Exception {
        receiver.failing(Fault.CUT_OFF);

        assertThat(upload(8).send(file(20), receiver.uri(), Map.of()).statusCode()).isEqualTo(201);

        assertThat(receiver.received()).isEqualTo(bytes(20));
        assertThat(pauses).containsExactly(Duration.ofSeconds(1));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aFileThatIsThereAlreadyIsNotSentAgain(boolean checked) throws Exception {
        receiver.holding(bytes(20), checked);

        assertThat(upload(8).send(file(20), receiver.uri(), Map.of()).statusCode()).isEqualTo(201);

        assertThat(receiver.received()).isEqualTo(bytes(20));
        assertThat(receiver.requests()).containsExactly("HEAD", "PATCH");
    }

    @Test
    void aRefusalIsAnAnswerAndNotTriedAgain() throws Exception {
        receiver.failing(Fault.REFUSED);

        assertThat(upload(64).send(file(10), receiver.uri(), Map.of()).statusCode()).isEqualTo(403);
        assertThat(pauses).isEmpty();
    }

    @Test
    void aReceiverThatStaysUnwellIsGivenUp() throws Exception {
        receiver.failing(Fault.NOT_WELL, Fault.NOT_WELL, Fault.NOT_WELL);
        Path file = file(10);

        assertThatExceptionOfType(TransferException.class)
                .isThrownBy(() -> upload(64).send(file, receiver.uri(), Map.of()))
                .withMessageContaining("503");
        assertThat(pauses).containsExactly(Duration.ofSeconds(1), Duration.ofSeconds(2));
    }

    private FileUpload upload(long piece) {
        return new FileUpload(http, THREE, pauses::add, piece);
    }

    private Path file(int size) throws IOException {
        return Files.write(folder.resolve("source"), bytes(size));
    }

    private static byte[] bytes(int size) {
        byte[] bytes = new byte[size];
        new Random(7).nextBytes(bytes);
        return bytes;
    }
}
