package dev.espalier.registry.blob;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.protocol.Digest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StagingAreaTest {

    private static final Digest DIGEST = Digest.of(new byte[] {1, 2, 3});
    private static final Instant NOON = Instant.parse("2026-01-31T12:00:00Z");

    @TempDir private Path folder;

    @Test
    void onlyOneRequestAtATimeGoesOnWithAnUpload() throws IOException {
        StagingArea staging = staging();

        try (StagingArea.Place first = staging.resume(DIGEST).orElseThrow()) {
            assertThat(staging.resume(DIGEST)).isEmpty();
            assertThat(first.upload().offset()).isZero();
        }

        assertThat(staging.resume(DIGEST)).isPresent();
    }

    @Test
    void aWholeUploadBesideAnUnfinishedOneLeavesThatAlone() throws IOException {
        StagingArea staging = staging();
        begin(staging);

        try (StagingArea.Place other = staging.fresh(DIGEST)) {
            append(other);
        }

        assertThat(staging.offset(DIGEST)).isEqualTo(2);
        try (var files = Files.list(folder)) {
            assertThat(files).hasSize(1);
        }
    }

    @Test
    void whatNobodyAddsToIsSwept() throws IOException {
        StagingArea staging = staging();
        begin(staging);
        lastTouched(NOON.minusSeconds(1));

        assertThat(staging.sweep(NOON.minusSeconds(1))).isZero();
        assertThat(staging.sweep(NOON)).isEqualTo(1);
        assertThat(staging.offset(DIGEST)).isZero();
    }

    @Test
    void whatIsBeingWrittenIsNotSwept() throws IOException {
        StagingArea staging = staging();
        begin(staging);
        lastTouched(NOON.minusSeconds(1));

        try (StagingArea.Place inUse = staging.resume(DIGEST).orElseThrow()) {
            assertThat(staging.sweep(NOON)).isZero();
            assertThat(inUse.upload().exists()).isTrue();
        }
    }

    private StagingArea staging() {
        return new StagingArea(folder, UUID::randomUUID);
    }

    private static void begin(StagingArea staging) throws IOException {
        try (StagingArea.Place place = staging.resume(DIGEST).orElseThrow()) {
            append(place);
        }
    }

    private static void append(StagingArea.Place place) throws IOException {
        place.upload().append(0, new ByteArrayInputStream(new byte[] {1, 2}), 2, 3);
    }

    private void lastTouched(Instant when) throws IOException {
        Files.setLastModifiedTime(folder.resolve(DIGEST + ".part"), FileTime.from(when));
    }
}
