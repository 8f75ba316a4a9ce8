package dev.espalier.orchestrator.ranks;

import dev.espalier.protocol.update.RoundSessionView.ModuleComponents;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What earlier rounds left behind that decides about components: those of the phase, and of the
 * phases before it from which importance goes over. Rounds that published nothing changed nothing
 * and do not count.
 *
 * @param turn how many of these rounds published a version so far
 * @param round the last of these; absent where there is none
 * @param modules what it told of components; a module that it did not tell of was never touched
 */
public record Measured(int turn, @Nullable Integer round, List<ModuleComponents> modules) {

    /** Before the first of them. */
    public static final Measured NOTHING = new Measured(0, null, List.of());
}
