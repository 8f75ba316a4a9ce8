package dev.espalier.agent.model;

import dev.espalier.agent.neighbour.RefusedException;
import dev.espalier.protocol.Digest;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.model.VersionFile;
import dev.espalier.protocol.model.VersionManifest;
import dev.espalier.protocol.problem.Problem;
import dev.espalier.protocol.problem.ProblemType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** A registry whose versions are folders of this machine. */
public final class FolderRegistry implements Registry {

    private final Map<VersionRef, VersionManifest> manifests = new HashMap<>();
    private final Map<Digest, Path> blobs = new HashMap<>();
    private int fetches;

    public FolderRegistry with(VersionManifest manifest, Path folder) {
        manifests.put(manifest.ref(), manifest);
        manifest.files().forEach(file -> blobs.put(file.digest(), folder.resolve(file.path())));
        return this;
    }

    @Override
    public VersionManifest manifest(VersionRef version) {
        VersionManifest manifest = manifests.get(version);
        if (manifest == null) {
            ProblemType type = ProblemType.NOT_FOUND;
            throw new RefusedException(
                    "registry",
                    new Problem(type.uri(), type.title(), 404, "no " + version, false, null));
        }
        return manifest;
    }

    @Override
    public synchronized void fetch(VersionFile file, Path target) throws IOException {
        fetches++;
        Files.copy(blobs.get(file.digest()), target);
    }

    /** How many files were really fetched. */
    public synchronized int fetches() {
        return fetches;
    }
}
