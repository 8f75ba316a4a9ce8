package dev.espalier.tensors.quantised;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class BitBudgetTest {

    static LongStream seeds() {
        return LongStream.range(0, 200);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void theBudgetHoldsAndNoMoreOfItCouldBeSpent(long seed) {
        Random any = new Random(seed);
        double[] importance = any.doubles(1 + any.nextInt(20)).toArray();
        long[] lengths = any.longs(importance.length, 8, 200).toArray();
        BitBudget.Cost cost = (component, precision) -> precision.bytes(lengths[component]);
        long budget = any.nextLong(40L * 200);

        int[] bits = BitBudget.bits(importance, cost, budget);

        long spent = spent(bits, cost);
        assertThat(spent).isLessThanOrEqualTo(budget);
        for (int i = 0; i < bits.length; i++) {
            if (bits[i] != BitBudget.DROPPED && bits[i] < 32) {
                long more =
                        cost.bytes(i, Precision.of(2 * bits[i]))
                                - cost.bytes(i, Precision.of(bits[i]));
                assertThat(spent + more).isGreaterThan(budget);
            }
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void whatIsMoreImportantNeverHasFewerBitsAtTheSamePrice(long seed) {
        Random any = new Random(seed);
        double[] importance = any.doubles(2 + any.nextInt(20)).toArray();

        int[] bits =
                BitBudget.bits(
                        importance,
                        (component, precision) -> precision.bytes(64),
                        any.nextLong(20L * 256));

        int[] ranked =
                IntStream.range(0, bits.length)
                        .boxed()
                        .sorted((a, b) -> Double.compare(importance[b], importance[a]))
                        .mapToInt(i -> bits[i])
                        .toArray();
        assertThat(ranked)
                .isEqualTo(Arrays.stream(ranked).map(i -> -i).sorted().map(i -> -i).toArray());
    }

    @Test
    void amongEqualsTheLowestIndexIsRaisedFirstAndDroppedLast() {
        BitBudget.Cost cost = (component, precision) -> precision.bits();

        assertThat(BitBudget.bits(new double[] {1, 0.0, -0.0, 1}, cost, 12))
                .containsExactly(4, 4, 0, 4);
        assertThat(BitBudget.bits(new double[] {1, 0.0, -0.0, 1}, cost, 28))
                .containsExactly(8, 8, 4, 8);
    }

    @Test
    void whereOneRaiseDoesNotFitACheaperOneStillMay() {
        long[] lengths = {100, 10};
        BitBudget.Cost cost = (component, precision) -> lengths[component] * precision.bits();

        assertThat(BitBudget.bits(new double[] {2, 1}, cost, 480)).containsExactly(4, 8);
    }

    @Test
    void nothingFitsIntoNothing() {
        assertThat(BitBudget.bits(new double[] {1, 2}, (c, p) -> p.bytes(3), 0))
                .containsExactly(BitBudget.DROPPED, BitBudget.DROPPED);
        assertThat(BitBudget.bits(new double[0], (c, p) -> p.bytes(3), 0)).isEmpty();
    }

    @Test
    void absurdOrdersAreRefused() {
        assertThatThrownBy(() -> BitBudget.bits(new double[] {Double.NaN}, (c, p) -> 1, 1))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> BitBudget.bits(new double[] {1}, (c, p) -> 1, -1))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static long spent(int[] bits, BitBudget.Cost cost) {
        return IntStream.range(0, bits.length)
                .filter(i -> bits[i] != BitBudget.DROPPED)
                .mapToLong(i -> cost.bytes(i, Precision.of(bits[i])))
                .sum();
    }
}
