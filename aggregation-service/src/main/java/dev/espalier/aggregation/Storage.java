package dev.espalier.aggregation;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Where files lie.
 *
 * @param folder holds the updates; replicas that share a database must share this folder
 * @param cacheFolder holds files of the registry and drafts; each replica has its own; absent:
 *     {@code local} in {@code folder}
 * @param cacheAge how long a file of the registry is kept after its last use; at least an hour
 */
@ConfigurationProperties("espalier.storage")
public record Storage(
        @DefaultValue(".espalier/aggregation/files") Path folder,
        @Nullable Path cacheFolder,
        @DefaultValue("7d") Duration cacheAge) {

    private static final Duration SHORTEST = Duration.ofHours(1);

    public Storage {
        if (cacheAge.compareTo(SHORTEST) < 0) {
            throw new IllegalArgumentException(
                    "espalier.storage.cache-age must be at least an hour, so that no file goes away"
                            + " while it is used: "
                            + cacheAge);
        }
    }

    /** Uploads that are not whole yet. */
    public Path staging() {
        return folder.resolve("staging");
    }

    /** Updates that count. */
    public Path updates() {
        return folder.resolve("updates");
    }

    /** Files of the registry, by digest. */
    public Path cache() {
        return local().resolve("cache");
    }

    /** Versions that are being made. */
    public Path drafts() {
        return local().resolve("drafts");
    }

    private Path local() {
        return cacheFolder == null ? folder.resolve("local") : cacheFolder;
    }
}
