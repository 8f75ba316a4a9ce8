package dev.espalier.aggregation.session;

import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.model.MatrixSparsity;
import dev.espalier.protocol.update.RoundSessionView.BlockHeads;
import dev.espalier.protocol.update.RoundSessionView.ModuleComponents;
import dev.espalier.protocol.update.RoundSessionView.OwnVersion;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a round became. Everything in it lies in the registry already.
 *
 * @param version the adapter; where the cohort pruned, the base
 * @param base that it sits on, where the round made one, or it itself where it is one; absent: the
 *     base of the round
 * @param heads what the clients made of them; absent where none were pruned
 * @param components what the clients made of them; absent where all trained all, and the rule forms
 *     no new ones
 * @param standalone each client's own base, where nothing was combined; {@code version} is the
 *     first
 * @param matrices of {@code version}; absent where nothing was pruned
 */
public record Outcome(
        VersionRef version,
        @Nullable VersionRef base,
        @Nullable List<BlockHeads> heads,
        @Nullable List<ModuleComponents> components,
        @Nullable List<OwnVersion> standalone,
        @Nullable List<MatrixSparsity> matrices) {

    /** An adapter. */
    public Outcome(
            VersionRef version,
            @Nullable VersionRef base,
            @Nullable List<BlockHeads> heads,
            @Nullable List<ModuleComponents> components) {
        this(version, base, heads, components, null, null);
    }

    /** A base that was pruned. */
    public static Outcome pruned(
            VersionRef version,
            @Nullable List<OwnVersion> standalone,
            List<MatrixSparsity> matrices) {
        return new Outcome(version, version, null, null, standalone, matrices);
    }
}
