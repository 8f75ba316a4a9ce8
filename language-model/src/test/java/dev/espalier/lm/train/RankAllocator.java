package dev.espalier.lm.train;

import java.util.Arrays;
import java.util.OptionalDouble;

/**
 * AdaLoRA's budget of triplets, and which of them live (Zhang et al. 2023, section 3.3; {@code
 * RankAllocator} of loralib). Steps count from 1.
 *
 * @param total triplets that there are
 * @param target triplets that are to be left
 * @param initialWarmup steps in which all live
 * @param finalWarmup last steps, in which the budget stays at its target
 * @param interval steps between two cuts
 * @param steps of the whole run
 */
record RankAllocator(
        int total, int target, int initialWarmup, int finalWarmup, int interval, int steps) {

    /** Falls along a cubic from total to target. */
    int budget(int step) {
        if (step <= initialWarmup) {
            return total;
        }
        if (step > steps - finalWarmup) {
            return target;
        }
        double left = 1 - (double) (step - initialWarmup) / (steps - finalWarmup - initialWarmup);
        return (int) (target + (total - target) * Math.pow(left, 3));
    }

    /** Whether importances are still followed. */
    boolean learns(int step) {
        return step < steps - finalWarmup;
    }

    /**
     * The importance at or below which a triplet dies in that step; none where no triplet is looked
     * at.
     */
    OptionalDouble threshold(int step, double[] importances) {
        boolean cuts = step > steps - finalWarmup || (step > initialWarmup && step % interval == 0);
        if (!cuts) {
            return OptionalDouble.empty();
        }
        double[] ascending = Arrays.stream(importances).sorted().toArray();
        return OptionalDouble.of(ascending[total - budget(step) - 1]);
    }
}
