package dev.espalier.lm.train;

import dev.espalier.lm.compute.Workspace;
import dev.espalier.lm.family.Entry;
import org.jspecify.annotations.Nullable;

/** Where the pass over a batch begins. */
@FunctionalInterface
interface Entrance {

    /** Every pass that is not one of training. */
    Entrance EMBEDDINGS = _ -> null;

    /**
     * @param workspace of the pass
     * @return null: with the embeddings
     */
    @Nullable Entry into(Workspace workspace);
}
