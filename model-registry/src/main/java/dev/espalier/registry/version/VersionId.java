package dev.espalier.registry.version;

import dev.espalier.protocol.ModelName;
import dev.espalier.protocol.VersionRef;
import jakarta.persistence.Embeddable;

/** {@link VersionRef} as the database spells it. */
@Embeddable
record VersionId(String model, int number) {

    static VersionId of(VersionRef ref) {
        return new VersionId(ref.model().value(), ref.number());
    }

    VersionRef ref() {
        return new VersionRef(new ModelName(model), number);
    }
}
