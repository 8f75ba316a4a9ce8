package dev.espalier.orchestrator.layers;

import dev.espalier.orchestrator.selection.HashKeys;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Draws the layers that clients of different strength prune (algorithms.md C.3 step 1: read for the
 * principle, distribution and rounding inferred).
 *
 * @param layers of the whole model
 */
public record LayerDraw(long seed, int round, int layers) {

    /**
     * {@code max(1, round(ratio * layers))}, halves up, in decimal.
     *
     * @param ratio share of the layers that a client can prune, in (0, 1]
     */
    public int count(BigDecimal ratio) {
        if (ratio.signum() <= 0 || ratio.compareTo(BigDecimal.ONE) > 0) {
            throw new IllegalArgumentException("a share of layers is in (0, 1], not " + ratio);
        }
        return ratio.multiply(BigDecimal.valueOf(layers))
                .setScale(0, RoundingMode.HALF_UP)
                .max(BigDecimal.ONE)
                .intValueExact();
    }

    /**
     * Those with the smallest keys of seed, round, client and layer.
     *
     * @param client see {@link HashKeys#id}
     */
    public SortedSet<Integer> of(long client, BigDecimal ratio) {
        return IntStream.range(0, layers)
                .boxed()
                .sorted((one, other) -> Long.compareUnsigned(key(client, one), key(client, other)))
                .limit(count(ratio))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private long key(long client, int layer) {
        return HashKeys.key(seed, round, client, layer);
    }
}
