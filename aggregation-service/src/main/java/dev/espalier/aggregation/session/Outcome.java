package dev.espalier.aggregation.session;

import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.update.RoundSessionView.BlockHeads;
import dev.espalier.protocol.update.RoundSessionView.ModuleComponents;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a round became. Everything in it lies in the registry already.
 *
 * @param version the adapter
 * @param base that it sits on, where the round made one; absent: the base of the round
 * @param heads what the clients made of them; absent where none were pruned
 * @param components what the clients made of them; absent where all trained all, and the rule forms
 *     no new ones
 */
public record Outcome(
        VersionRef version,
        @Nullable VersionRef base,
        @Nullable List<BlockHeads> heads,
        @Nullable List<ModuleComponents> components) {}
