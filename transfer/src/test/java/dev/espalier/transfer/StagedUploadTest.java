package dev.espalier.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.espalier.protocol.Digest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StagedUploadTest {

    @TempDir Path folder;

    @Test
    void piecesBecomeTheFile() throws IOException {
        StagedUpload upload = upload();

        assertThat(upload.append(0, body(1, 2, 3), 3, 5)).isEqualTo(3);
        assertThat(upload.append(3, body(4, 5), 2, 5)).isEqualTo(5);

        assertThat(upload.digest()).isEqualTo(Digest.of(new byte[] {1, 2, 3, 4, 5}));
    }

    @Test
    void aPieceThatLeavesAGapIsRefusedAndTheRightPlaceNamed() throws IOException {
        StagedUpload upload = upload();
        upload.append(0, body(1, 2, 3), 3, 9);

        assertThatExceptionOfType(OffsetMismatchException.class)
                .isThrownBy(() -> upload.append(5, body(9), 1, 9))
                .satisfies(refusal -> assertThat(refusal.actual()).isEqualTo(3));
    }

    @Test
    void whatCameOfABrokenBodyIsKept() throws IOException {
        StagedUpload upload = upload();

        assertThatExceptionOfType(IncompleteBodyException.class)
                .isThrownBy(() -> upload.append(0, body(1, 2, 3), 8, 9));

        assertThat(upload.offset()).isEqualTo(3);
    }

    @Test
    void whatCameBeforeAConnectionBrokeIsKept() throws IOException {
        InputStream breaking =
                new SequenceInputStream(
                        body(1, 2, 3),
                        new InputStream() {
                            @Override
                            public int read() throws IOException {
                                throw new IOException("broken on purpose");
                            }
                        });

        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> upload().append(0, breaking, 8, 9));

        assertThat(upload().offset()).isEqualTo(3);
    }

    @Test
    void aClaimedLengthBeyondTheLimitIsRefusedBeforeAByteIsRead() {
        assertThatExceptionOfType(TooLargeException.class)
                .isThrownBy(() -> upload().append(0, body(), 10, 9));
        assertThat(upload().exists()).isFalse();
    }

    @Test
    void aBodyThatGrowsBeyondTheLimitIsCutOff() throws IOException {
        assertThatExceptionOfType(TooLargeException.class)
                .isThrownBy(() -> upload().append(0, body(1, 2, 3), -1, 2));
        assertThat(upload().offset()).isLessThanOrEqualTo(2);
    }

    @Test
    void theFinishedFileStandsUnderItsFinalNameAlone() throws IOException {
        StagedUpload upload = upload();
        upload.append(0, body(7), 1, 1);

        upload.moveTo(folder.resolve("final"));

        assertThat(folder.resolve("final")).hasBinaryContent(new byte[] {7});
        assertThat(upload.exists()).isFalse();
    }

    private StagedUpload upload() {
        return StagedUpload.at(folder.resolve("staged"));
    }

    private static InputStream body(int... bytes) {
        byte[] all = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            all[i] = (byte) bytes[i];
        }
        return new ByteArrayInputStream(all);
    }
}
