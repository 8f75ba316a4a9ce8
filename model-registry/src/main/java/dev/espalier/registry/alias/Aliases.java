package dev.espalier.registry.alias;

import dev.espalier.protocol.AliasName;
import dev.espalier.protocol.ModelName;
import dev.espalier.protocol.model.MoveAlias;
import dev.espalier.registry.model.Models;
import java.util.Optional;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/** Moves aliases, one at a time within a model. */
@Component
class Aliases {

    private final Models models;

    Aliases(Models models) {
        this.models = models;
    }

    /** Moves the alias if it may; empty if there is no such model. */
    @Transactional
    public Optional<AliasMove> move(ModelName name, AliasName alias, MoveAlias wish) {
        return models.hold(name)
                .map(model -> {
                    AliasMove move = AliasMove.of(model, alias, wish);
                    if (move instanceof AliasMove.Moves moves) {
                        models.point(name, alias, moves.version());
                    }
                    return move;
                });
    }
}
