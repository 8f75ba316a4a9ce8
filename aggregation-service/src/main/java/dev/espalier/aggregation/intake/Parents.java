package dev.espalier.aggregation.intake;

import dev.espalier.aggregation.neighbour.ModelRegistry;
import dev.espalier.aggregation.neighbour.VersionPaths;
import dev.espalier.aggregation.neighbour.WeightFiles;
import dev.espalier.aggregation.session.RoundTerms;
import dev.espalier.aggregation.sparse.BaseMatrices;
import dev.espalier.protocol.model.ModelStructure;
import dev.espalier.protocol.model.VersionManifest;
import dev.espalier.protocol.update.AdapterLayout;
import dev.espalier.protocol.update.RoundSession;
import dev.espalier.protocol.update.RoundWork;
import dev.espalier.protocol.update.Scope;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import org.springframework.stereotype.Component;

/** Fetches what an update is held against. */
@Component
class Parents {

    private final ModelRegistry registry;

    Parents(ModelRegistry registry) {
        this.registry = registry;
    }

    Expectation expectation(RoundTerms terms, RoundSession.Invitation invitation)
            throws IOException {
        VersionManifest base = registry.version(terms.base());
        ModelStructure structure =
                Objects.requireNonNull(base.structure(), "checked when the session was opened");
        return switch (terms.work()) {
            case RoundWork.FineTune work -> training(terms, work, invitation, structure);
            case RoundWork.Prune work ->
                    new PruningExpectation(
                            terms,
                            work,
                            invitation.agent(),
                            invitation.scope(),
                            BaseMatrices.of(structure, WeightFiles.of(registry, base))
                                    .of(layers(invitation.scope())));
        };
    }

    private Expectation training(
            RoundTerms terms,
            RoundWork.FineTune work,
            RoundSession.Invitation invitation,
            ModelStructure structure) {
        return new TrainingExpectation(
                terms,
                work,
                invitation.agent(),
                invitation.scope(),
                invitation.heads(),
                invitation.upload(),
                AdapterLayout.of(structure, work.adapter(), work.task()),
                registry.file(registry.version(terms.parent()), VersionPaths.ADAPTER_WEIGHTS));
    }

    private static List<Integer> layers(Scope scope) {
        return Objects.requireNonNull(scope.layers(), "checked when the session was opened");
    }
}
