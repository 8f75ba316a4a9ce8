package dev.espalier.registry;

import dev.espalier.postgres.testing.RealPostgres;
import dev.espalier.protocol.Digest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/**
 * A registry on a real port and a real database, shared by the tests that extend this; each of them
 * uses models and bytes of its own.
 */
@SpringBootTest(
        webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
        properties = {
            "spring.config.name=model-registry",
            "espalier.registry.blobs.max-size=8MB",
            "espalier.registry.versions.max-size=9MB"
        })
@RealPostgres
abstract class RunningRegistry {

    static final long MAX_BLOB = 8L << 20;

    private static final Path FOLDER = freshFolder();

    @LocalServerPort private int port;

    RegistryCalls registry;

    @DynamicPropertySource
    static void blobsLieInAFreshFolder(DynamicPropertyRegistry properties) {
        properties.add("espalier.registry.blobs.folder", FOLDER::toString);
    }

    @BeforeEach
    void connect() {
        registry = new RegistryCalls(port);
    }

    static Path staged() {
        return FOLDER.resolve("staged");
    }

    static Path stored(Digest digest) {
        return FOLDER.resolve("stored").resolve(digest.hex().substring(0, 2)).resolve(digest.hex());
    }

    int port() {
        return port;
    }

    private static Path freshFolder() {
        try {
            return Files.createTempDirectory(Path.of("target"), "registry-blobs");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
