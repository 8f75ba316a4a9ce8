package dev.espalier.agent.model;

import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.model.VersionFile;
import dev.espalier.protocol.model.VersionManifest;
import java.io.IOException;
import java.nio.file.Path;

/** The registry's read side, as far as an agent needs it. */
public interface Registry {

    /**
     * @throws dev.espalier.agent.neighbour.RefusedException there is no such version
     * @throws dev.espalier.agent.neighbour.UnavailableException it may be found later
     */
    VersionManifest manifest(VersionRef version);

    /**
     * Brings a file of a version to {@code target}, checked against its digest. Goes on where it
     * was broken off before.
     *
     * @throws dev.espalier.transfer.TransferException the connection broke; it may be asked again
     */
    void fetch(VersionFile file, Path target) throws IOException, InterruptedException;
}
