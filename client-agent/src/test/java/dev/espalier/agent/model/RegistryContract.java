package dev.espalier.agent.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.agent.TinyFederation;
import dev.espalier.agent.neighbour.RefusedException;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.model.VersionFile;
import dev.espalier.protocol.model.VersionManifest;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every {@link Registry} promises. */
abstract class RegistryContract {

    @TempDir private Path folder;

    /** A registry that has the tiny model. */
    abstract Registry registry() throws Exception;

    @Test
    void givesTheManifestThatWasPublished() throws Exception {
        assertThat(registry().manifest(TinyFederation.BASE)).isEqualTo(TinyFederation.base());
    }

    @Test
    void refusesAVersionThatIsNotThere() throws Exception {
        Registry registry = registry();

        assertThatThrownBy(() -> registry.manifest(VersionRef.parse("nobody@9")))
                .isInstanceOf(RefusedException.class);
    }

    @Test
    void bringsFiles() throws Exception {
        Registry registry = registry();
        VersionManifest manifest = registry.manifest(TinyFederation.BASE);

        for (VersionFile file : manifest.files()) {
            Path target = folder.resolve(file.digest().hex());
            registry.fetch(file, target);
            assertThat(target).hasSameBinaryContentAs(TinyFederation.MODEL.resolve(file.path()));
        }
    }
}
