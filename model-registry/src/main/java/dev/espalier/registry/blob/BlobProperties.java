package dev.espalier.registry.blob;

import java.nio.file.Path;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Where blobs lie and how large they may be.
 *
 * @param folder of this registry alone; finished blobs lie in {@code stored}, unfinished uploads in
 *     {@code staged}, both on one file system
 * @param maxSize largest blob that is taken
 * @param abandonedAfter how long an unfinished upload is kept for its sender to go on with, counted
 *     from its last byte
 * @param sweepEvery how often abandoned uploads are looked for
 */
@ConfigurationProperties("espalier.registry.blobs")
record BlobProperties(
        @DefaultValue(".espalier/registry/blobs") Path folder,
        @DefaultValue("64GB") DataSize maxSize,
        @DefaultValue("P7D") Duration abandonedAfter,
        @DefaultValue("PT1H") Duration sweepEvery) {

    BlobProperties {
        if (maxSize.toBytes() < 1) {
            throw new IllegalArgumentException(
                    "espalier.registry.blobs.max-size must be at least 1 byte: " + maxSize);
        }
        requirePositive("abandoned-after", abandonedAfter);
        requirePositive("sweep-every", sweepEvery);
    }

    private static void requirePositive(String name, Duration duration) {
        if (!duration.isPositive()) {
            throw new IllegalArgumentException(
                    "espalier.registry.blobs."
                            + name
                            + " must be longer than nothing: "
                            + duration);
        }
    }
}
