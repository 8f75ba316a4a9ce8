package dev.espalier.agent.model;

import dev.espalier.protocol.Digest;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.model.VersionFile;
import dev.espalier.protocol.model.VersionManifest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Versions on this machine, shared by all its agents. Blobs and versions lie under their digests,
 * so what is there is right, whichever registry it came from; what was used least lately goes when
 * the cache grows beyond its size.
 *
 * <pre>
 *   blobs/DIGEST              every file once
 *   versions/DIGEST/files/    a version as a folder, hard links to its blobs
 *   versions/DIGEST/blobs     the digests of its blobs, a line each
 * </pre>
 */
public final class VersionCache {

    private final Registry registry;
    private final CacheFolder folder;
    private final InstantSource clock;
    private final Map<Digest, ReentrantLock> doors = new ConcurrentHashMap<>();

    /**
     * @param mostBytes size of the cache; what is in use stays, even beyond it
     */
    public VersionCache(Path folder, long mostBytes, Registry registry, InstantSource clock)
            throws IOException {
        this.registry = registry;
        this.folder = new CacheFolder(folder, mostBytes);
        this.clock = clock;
    }

    /**
     * A version that stays on this machine until it is closed.
     *
     * @param files folder with the version's files; must not be changed
     * @param bytesFetched what came over the network for it this time
     */
    public record Held(VersionManifest manifest, Path files, long bytesFetched, Runnable release)
            implements AutoCloseable {

        @Override
        public void close() {
            release.run();
        }
    }

    /**
     * A version, fetched as far as it is not here yet.
     *
     * @throws dev.espalier.agent.neighbour.RefusedException the registry does not have it
     * @throws dev.espalier.agent.neighbour.UnavailableException the registry cannot say now
     * @throws UnusableVersionException the manifest contradicts itself
     */
    public Held fetch(VersionRef version) throws IOException, InterruptedException {
        VersionManifest whole = registry.manifest(version);
        check(version, whole);
        VersionManifest manifest = ofAgents(whole);
        folder.pin(manifest);
        try {
            long fetched = 0;
            for (VersionFile file : manifest.files()) {
                fetched += bring(file);
            }
            Path files = folder.lay(manifest);
            folder.used(manifest, FileTime.from(clock.instant()));
            folder.shrink();
            return new Held(manifest, files, fetched, once(() -> folder.unpin(manifest)));
        } catch (IOException | InterruptedException | RuntimeException e) {
            folder.unpin(manifest);
            throw e;
        }
    }

    /** One download at a time for one blob; the agents that wait find it done. */
    private long bring(VersionFile file) throws IOException, InterruptedException {
        ReentrantLock door = doors.computeIfAbsent(file.digest(), digest -> new ReentrantLock());
        door.lockInterruptibly();
        try {
            Path blob = folder.blob(file.digest());
            if (Files.exists(blob)) {
                return 0;
            }
            registry.fetch(file, blob);
            return file.size();
        } finally {
            door.unlock();
        }
    }

    private static void check(VersionRef version, VersionManifest manifest) {
        if (!VersionManifest.digestOf(manifest.files()).equals(manifest.digest())) {
            throw new UnusableVersionException(
                    version + " has a manifest whose digest is not that of its files");
        }
        for (VersionFile file : manifest.files()) {
            if (!file.path().matches(VersionFile.PATH)) {
                throw new UnusableVersionException(version + " has a file with a refused path");
            }
        }
    }

    /** Without what servers alone read; the digest stays that of the whole version. */
    private static VersionManifest ofAgents(VersionManifest whole) {
        return new VersionManifest(
                whole.model(),
                whole.number(),
                whole.kind(),
                whole.digest(),
                whole.files().stream()
                        .filter(file -> !file.path().equals(VersionFile.AGGREGATION_STATE))
                        .toList(),
                whole.base(),
                whole.lineage(),
                whole.structure(),
                whole.createdAt());
    }

    private static Runnable once(Runnable release) {
        AtomicBoolean done = new AtomicBoolean();
        return () -> {
            if (done.compareAndSet(false, true)) {
                release.run();
            }
        };
    }
}
