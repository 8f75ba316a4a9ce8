package dev.espalier.registry.blob;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.protocol.Digest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AbandonedUploadsTest {

    private static final Duration WEEK = Duration.ofDays(7);
    private static final Digest DIGEST = Digest.of(new byte[] {1, 2});

    @TempDir private Path folder;

    @Test
    void anUploadIsGivenUpAWeekAfterItsLastByte() throws IOException {
        StagingArea staging = new StagingArea(folder, () -> new UUID(0, 0));
        try (StagingArea.Place place = staging.fresh(DIGEST)) {
            place.upload().append(0, new ByteArrayInputStream(new byte[] {1}), 1, 2);
        }
        Instant lastByte = Files.getLastModifiedTime(folder.resolve(DIGEST + ".part")).toInstant();

        sweepAt(staging, lastByte.plus(WEEK));
        assertThat(staging.offset(DIGEST)).isEqualTo(1);

        sweepAt(staging, lastByte.plus(WEEK).plusMillis(1));
        assertThat(staging.offset(DIGEST)).isZero();
    }

    private static void sweepAt(StagingArea staging, Instant now) throws IOException {
        new AbandonedUploads(staging, WEEK, InstantSource.fixed(now)).sweep();
    }
}
