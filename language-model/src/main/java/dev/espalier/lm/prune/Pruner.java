package dev.espalier.lm.prune;

/** How the weights to drop are found (algorithms.md C.4). */
public sealed interface Pruner {

    /** The smallest |w| of a matrix. Reads no text. Kept weights stay as they are. */
    record Magnitude() implements Pruner {}

    /**
     * The smallest {@code |w| · ‖x‖} of each output row, x being everything that calibration feeds
     * the weight (Sun et al. 2023). Kept weights stay as they are.
     */
    record Wanda() implements Pruner {}

    /**
     * Weights whose loss the others can make up for best, and what then becomes of the others
     * (Frantar and Alistarh 2023).
     *
     * @param damping share of its mean that is added to the Hessian's diagonal, above 0
     * @param blockColumns columns within which weights compete, 1 or more
     */
    record SparseGpt(double damping, int blockColumns) implements Pruner {

        public SparseGpt {
            if (!(damping > 0) || Double.isInfinite(damping)) {
                throw new IllegalArgumentException("damping must be positive: " + damping);
            }
            if (blockColumns < 1) {
                throw new IllegalArgumentException(
                        "blockColumns must be at least 1: " + blockColumns);
            }
        }

        /** The official code's own: 0.01 and 128. */
        public static SparseGpt defaults() {
            return new SparseGpt(0.01, 128);
        }
    }
}
