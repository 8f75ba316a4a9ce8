package dev.espalier.aggregation.intake;

import dev.espalier.aggregation.combine.Brought;
import dev.espalier.aggregation.combine.Contents;
import dev.espalier.aggregation.session.SealedRounds.Counted;
import dev.espalier.aggregation.sparse.SparseUpdate;
import dev.espalier.protocol.RoundId;
import dev.espalier.protocol.update.UpdateManifest;
import dev.espalier.tensors.safetensors.SafetensorsFile;
import java.io.IOException;
import java.nio.file.Path;
import org.springframework.stereotype.Component;

/** Updates that count, for those who combine them: the door for {@code publish}. */
@Component
public class TakenUpdates {

    private final UpdateShelf shelf;
    private final ManifestReader manifests;

    TakenUpdates(UpdateShelf shelf, ManifestReader manifests) {
        this.shelf = shelf;
        this.manifests = manifests;
    }

    /**
     * @throws IOException if its file cannot be read, or is no longer what was checked
     */
    public Brought brought(RoundId round, Counted counted) throws IOException {
        Path file = shelf.update(round, counted.agent(), counted.digest());
        return new Brought(
                counted.agent(),
                counted.examples(),
                counted.heads(),
                Contents.of(manifest(file)),
                file);
    }

    /** The same where the cohort pruned a base. */
    public SparseUpdate pruned(RoundId round, Counted counted) {
        return new SparseUpdate(
                counted.agent(),
                counted.examples(),
                shelf.update(round, counted.agent(), counted.digest()));
    }

    private UpdateManifest manifest(Path file) throws IOException {
        try (SafetensorsFile opened = SafetensorsFile.open(file)) {
            return manifests.read(opened.metadata());
        } catch (UpdateRefused impossible) {
            throw new IOException("an update that was checked is broken", impossible);
        }
    }
}
