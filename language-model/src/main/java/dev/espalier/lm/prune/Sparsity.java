package dev.espalier.lm.prune;

import java.math.BigDecimal;
import java.math.RoundingMode;

/** How much of each matrix is dropped, and how freely. */
public sealed interface Sparsity {

    /**
     * A share of a matrix, wherever the pruner likes: {@code floor(share · n)} of n weights,
     * counted in decimal.
     *
     * @param share in [0, 1]
     */
    record Unstructured(BigDecimal share) implements Sparsity {

        public Unstructured {
            if (share.signum() < 0 || share.compareTo(BigDecimal.ONE) > 0) {
                throw new IllegalArgumentException("sparsity must be in [0, 1]: " + share);
            }
        }

        /** How many of so many weights are dropped. */
        public int dropped(long weights) {
            BigDecimal exact = share.multiply(BigDecimal.valueOf(weights));
            return exact.setScale(0, RoundingMode.FLOOR).intValueExact();
        }
    }

    /**
     * So many of every {@code size} weights that stand side by side in a row, that is, that read
     * neighbouring inputs into one output. What hardware calls N:M keeps N = size - dropped.
     *
     * @param dropped of each group, 1 or more, fewer than all
     */
    record InGroups(int dropped, int size) implements Sparsity {

        public InGroups {
            if (dropped < 1 || dropped >= size) {
                throw new IllegalArgumentException(
                        "of each group some must go and some must stay: %d of %d"
                                .formatted(dropped, size));
            }
        }
    }

    static Sparsity unstructured(BigDecimal share) {
        return new Unstructured(share);
    }

    /**
     * @param share as a decimal, such as "0.55"
     */
    static Sparsity unstructured(String share) {
        return new Unstructured(new BigDecimal(share));
    }

    /** Semi-structured sparsity, such as 2 of 4. */
    static Sparsity inGroups(int dropped, int size) {
        return new InGroups(dropped, size);
    }
}
