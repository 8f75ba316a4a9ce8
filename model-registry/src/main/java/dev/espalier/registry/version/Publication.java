package dev.espalier.registry.version;

import dev.espalier.protocol.model.VersionManifest;
import dev.espalier.protocol.problem.Problem;
import java.util.List;

/** What became of the wish to publish. */
sealed interface Publication {

    record Published(VersionManifest version) implements Publication {}

    /** The same was published under this key before. */
    record AlreadyPublished(VersionManifest version) implements Publication {}

    /** Something else was published under this key before; it stays. */
    record Contradicts(VersionManifest version) implements Publication {}

    /** Files whose blobs have not been uploaded. */
    record BlobsMissing(List<Problem.Field> missing) implements Publication {}

    record Unfit(List<Problem.Field> faults) implements Publication {}
}
