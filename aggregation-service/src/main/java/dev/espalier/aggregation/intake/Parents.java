package dev.espalier.aggregation.intake;

import dev.espalier.aggregation.neighbour.ModelRegistry;
import dev.espalier.aggregation.neighbour.VersionPaths;
import dev.espalier.aggregation.session.RoundTerms;
import dev.espalier.protocol.model.ModelStructure;
import dev.espalier.protocol.update.AdapterLayout;
import dev.espalier.protocol.update.RoundSession;
import java.nio.file.Path;
import java.util.Objects;
import org.springframework.stereotype.Component;

/** Fetches what an update is held against. */
@Component
class Parents {

    private final ModelRegistry registry;

    Parents(ModelRegistry registry) {
        this.registry = registry;
    }

    Expectation expectation(RoundTerms terms, RoundSession.Invitation invitation) {
        ModelStructure structure =
                Objects.requireNonNull(
                        registry.version(terms.base()).structure(),
                        "checked when the session was opened");
        Path parent = registry.file(registry.version(terms.parent()), VersionPaths.ADAPTER_WEIGHTS);
        return new Expectation(
                terms,
                invitation.agent(),
                invitation.scope(),
                invitation.heads(),
                invitation.upload(),
                AdapterLayout.of(structure, terms.training().adapter(), terms.training().task()),
                parent);
    }
}
