package dev.espalier.agent.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.model.VersionKind;
import dev.espalier.protocol.model.VersionManifest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VersionCacheTest {

    private static final VersionRef ONE = VersionRef.parse("model@1");
    private static final VersionRef TWO = VersionRef.parse("model@2");
    private static final VersionRef THREE = VersionRef.parse("model@3");

    @TempDir private Path folder;

    private final FolderRegistry registry = new FolderRegistry();
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");

    @Test
    void aVersionIsFetchedOnceAndLiesThereAsAFolder() throws Exception {
        register(ONE, 100, 'a');
        VersionCache cache = cache(1000);

        try (VersionCache.Held held = cache.fetch(ONE)) {
            assertThat(held.bytesFetched()).isEqualTo(100 + 6);
            assertThat(held.files().resolve("weights")).hasContent("a".repeat(100));
            assertThat(held.files().resolve("deep/config")).hasContent("config");
        }
        try (VersionCache.Held again = cache.fetch(ONE)) {
            assertThat(again.bytesFetched()).isZero();
        }
        try (VersionCache.Held afterARestart = cache(1000).fetch(ONE)) {
            assertThat(afterARestart.bytesFetched()).isZero();
        }
    }

    @Test
    void versionsShareTheirFiles() throws Exception {
        register(ONE, 100, 'a');
        register(TWO, 100, 'b');
        VersionCache cache = cache(1000);

        cache.fetch(ONE).close();

        try (VersionCache.Held two = cache.fetch(TWO)) {
            assertThat(two.bytesFetched()).isEqualTo(100);
        }
    }

    @Test
    void theSameNameInAnotherRegistryIsAnotherVersion() throws Exception {
        register(ONE, 100, 'a');
        cache(1000).fetch(ONE).close();
        register(ONE, 100, 'z');

        try (VersionCache.Held held = cache(1000).fetch(ONE)) {
            assertThat(held.files().resolve("weights")).hasContent("z".repeat(100));
        }
    }

    @Test
    void whatWasUsedLeastLatelyGoesFirstAndWhatIsInUseStays() throws Exception {
        register(ONE, 100, 'a');
        register(TWO, 100, 'b');
        register(THREE, 100, 'c');
        VersionCache cache = cache(250);

        VersionCache.Held inUse = fetchLater(cache, ONE);
        fetchLater(cache, TWO).close();
        fetchLater(cache, THREE).close();

        assertThat(inUse.files().resolve("weights")).exists();
        assertThat(fetchLater(cache, TWO).bytesFetched()).as("it had gone").isEqualTo(100);
        assertThat(fetchLater(cache, ONE).bytesFetched()).isZero();
    }

    @Test
    void manyAgentsThatAskAtOnceFetchItOnce() throws Exception {
        register(ONE, 100, 'a');
        VersionCache cache = cache(1000);
        List<Callable<Long>> agents = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            agents.add(() -> {
                try (VersionCache.Held held = cache.fetch(ONE)) {
                    return held.bytesFetched();
                }
            });
        }

        long fetched = 0;
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<Long> agent : threads.invokeAll(agents)) {
                fetched += agent.get();
            }
        }

        assertThat(fetched).isEqualTo(106);
        assertThat(registry.fetches()).isEqualTo(2);
    }

    @Test
    void aManifestThatContradictsItselfIsRefused() throws Exception {
        VersionManifest right = register(ONE, 100, 'a');
        register(TWO, 100, 'b');
        VersionManifest wrong =
                new VersionManifest(
                        TWO.model(),
                        TWO.number(),
                        VersionKind.ADAPTER,
                        right.digest(),
                        registry.manifest(TWO).files(),
                        null,
                        null,
                        null,
                        Instant.EPOCH);
        registry.with(wrong, folder.resolve("model@2"));

        assertThatThrownBy(() -> cache(1000).fetch(TWO))
                .isInstanceOf(UnusableVersionException.class);
    }

    @Test
    void whatServersCarryFromVersionToVersionIsNotFetched() throws Exception {
        Path files = Files.createDirectories(folder.resolve("registry-a"));
        Files.writeString(files.resolve("aggregation_state.safetensors"), "state");
        VersionManifest manifest = register(ONE, 100, 'a');

        try (VersionCache.Held held = cache(1000).fetch(ONE)) {
            assertThat(held.bytesFetched()).isEqualTo(100 + 6);
            assertThat(held.manifest().digest()).isEqualTo(manifest.digest());
            assertThat(held.manifest().bytes()).isEqualTo(100 + 6);
            assertThat(manifest.bytes()).isEqualTo(100 + 6 + 5);
            assertThat(held.files().resolve("aggregation_state.safetensors")).doesNotExist();
        }
    }

    private VersionCache.Held fetchLater(VersionCache cache, VersionRef version) throws Exception {
        now = now.plusSeconds(60);
        return cache.fetch(version);
    }

    private VersionCache cache(long mostBytes) throws IOException {
        return new VersionCache(folder.resolve("cache"), mostBytes, registry, () -> now);
    }

    private VersionManifest register(VersionRef ref, int size, char content) throws IOException {
        Path files = folder.resolve("registry-" + content);
        Files.createDirectories(files.resolve("deep"));
        Files.writeString(files.resolve("weights"), String.valueOf(content).repeat(size));
        Files.writeString(files.resolve("deep/config"), "config");
        VersionManifest manifest = Versions.manifest(ref, VersionKind.ADAPTER, files, null, null);
        registry.with(manifest, files);
        return manifest;
    }
}
