package dev.espalier.tensors.quantised;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** Shares a budget of bytes out over components, important ones first (algorithms.md B.5, ours). */
public final class BitBudget {

    /** A component that is not sent has so many bits. */
    public static final int DROPPED = 0;

    private BitBudget() {}

    /** What a component takes in a precision. */
    @FunctionalInterface
    public interface Cost {

        long bytes(int component, Precision precision);
    }

    /**
     * All components start at 4 bits; the least important ones are dropped until that fits. Then
     * precision is raised level by level, 8, 16, 32, in the order of importance; where one raise
     * does not fit, a later one still may. Ties in importance go to the lowest index.
     *
     * @param importance of each component
     * @return bits of each component, {@link #DROPPED} where it is not sent
     * @throws IllegalArgumentException if an importance is not finite, or the budget negative
     */
    public static int[] bits(double[] importance, Cost cost, long budgetBytes) {
        requireSound(importance, budgetBytes);
        List<Integer> order = byImportance(importance);
        int[] bits = new int[importance.length];
        long spent = 0;
        int sent = 0;
        for (int component : order) {
            spent = Math.addExact(spent, cost.bytes(component, Precision.INT4));
            bits[component] = Precision.INT4.bits();
            sent++;
        }
        while (spent > budgetBytes) {
            int least = order.get(--sent);
            spent -= cost.bytes(least, Precision.INT4);
            bits[least] = DROPPED;
        }
        raise(order.subList(0, sent), bits, cost, budgetBytes - spent);
        return bits;
    }

    private static void raise(List<Integer> order, int[] bits, Cost cost, long left) {
        for (Precision level : List.of(Precision.INT8, Precision.F16, Precision.F32)) {
            for (int component : order) {
                Precision now = Precision.of(bits[component]);
                long more = cost.bytes(component, level) - cost.bytes(component, now);
                if (more <= left) {
                    left -= more;
                    bits[component] = level.bits();
                }
            }
        }
    }

    private static List<Integer> byImportance(double[] importance) {
        return IntStream.range(0, importance.length)
                .boxed()
                .sorted(
                        Comparator.comparingDouble((Integer i) -> 0 - importance[i])
                                .thenComparing(Comparator.naturalOrder()))
                .toList();
    }

    private static void requireSound(double[] importance, long budgetBytes) {
        if (budgetBytes < 0) {
            throw new IllegalArgumentException("a budget of " + budgetBytes + " bytes");
        }
        for (double one : importance) {
            if (!Double.isFinite(one)) {
                throw new IllegalArgumentException("an importance is not finite");
            }
        }
    }
}
