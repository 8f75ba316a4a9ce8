package dev.espalier.orchestrator.neighbour;

import dev.espalier.protocol.AliasName;
import dev.espalier.protocol.ModelName;
import dev.espalier.protocol.ModelPointer;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.model.AliasView;
import dev.espalier.protocol.model.MoveAlias;
import dev.espalier.protocol.model.VersionManifest;
import dev.espalier.protocol.model.VersionMetrics;
import dev.espalier.protocol.problem.ProblemType;
import java.util.Optional;
import java.util.OptionalInt;

/** The registry over HTTP. */
final class HttpRegistry implements Registry {

    private static final String ALIAS = "/api/v1/models/{model}/aliases/{alias}";

    private final Line line;

    HttpRegistry(Line line) {
        this.line = line;
    }

    @Override
    public Optional<VersionManifest> find(ModelPointer pointer) {
        try {
            return Optional.of(
                    line.call(
                            VersionManifest.class,
                            client ->
                                    client.get()
                                            .uri(
                                                    "/api/v1/models/{model}/versions/{selector}",
                                                    pointer.model(),
                                                    pointer.selector())));
        } catch (NeighbourRefused refused) {
            if (refused.is(ProblemType.NOT_FOUND)) {
                return Optional.empty();
            }
            throw refused;
        }
    }

    @Override
    public OptionalInt alias(ModelName model, AliasName alias) {
        try {
            return OptionalInt.of(
                    line.call(AliasView.class, client -> client.get().uri(ALIAS, model, alias))
                            .version());
        } catch (NeighbourRefused refused) {
            if (refused.is(ProblemType.NOT_FOUND)) {
                return OptionalInt.empty();
            }
            throw refused;
        }
    }

    @Override
    public boolean moveAlias(ModelName model, AliasName alias, MoveAlias move) {
        try {
            line.tell(client -> client.put().uri(ALIAS, model, alias).body(move));
            return true;
        } catch (NeighbourRefused refused) {
            if (refused.is(ProblemType.ALIAS_MOVED)) {
                return false;
            }
            throw refused;
        }
    }

    @Override
    public void recordMetrics(VersionRef version, VersionMetrics metrics) {
        line.tell(client ->
                client.put()
                        .uri(
                                "/api/v1/models/{model}/versions/{number}/metrics/{data}",
                                version.model(),
                                version.number(),
                                metrics.data())
                        .body(metrics));
    }
}
