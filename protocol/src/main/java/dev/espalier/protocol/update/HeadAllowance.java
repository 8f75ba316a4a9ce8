package dev.espalier.protocol.update;

import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Positive;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The attention heads that a client may keep in a round; which ones is its own choice, said in the
 * scope of its update.
 *
 * @param atMost heads of the whole model
 * @param forced by block: heads that it has to keep, ascending; counted in {@code atMost}
 */
public record HeadAllowance(
        @Positive int atMost, @NotNull Map<String, @NotNull List<@NotNull Integer>> forced) {

    public HeadAllowance {
        forced = forced == null ? Map.of() : new TreeMap<>(forced);
    }
}
