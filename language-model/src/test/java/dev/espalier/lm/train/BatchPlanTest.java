package dev.espalier.lm.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.lm.compute.RandomStream;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class BatchPlanTest {

    static LongStream seeds() {
        return LongStream.range(0, 100);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void everyExampleComesOncePerEpoch(long seed) {
        RandomStream any = RandomStream.of(seed);
        int[] lengths = lengths(1 + any.nextInt(2000), any);
        int batchSize = 1 + any.nextInt(40);
        BatchPlan plan = new BatchPlan(lengths, batchSize, seed);

        List<int[]> batches = plan.epoch(any.nextInt(5));

        assertThat(batches).hasSize(Math.ceilDiv(lengths.length, batchSize));
        assertThat(batches.stream().flatMapToInt(Arrays::stream).sorted().toArray())
                .isEqualTo(IntStream.range(0, lengths.length).toArray());
    }

    @Test
    void twoEpochsHaveTwoOrders() {
        BatchPlan plan = new BatchPlan(lengths(100, RandomStream.of(1)), 10, 1);

        assertThat(plan.epoch(0)).isNotEqualTo(plan.epoch(1));
        assertThat(plan.epoch(1).getFirst()).isEqualTo(plan.epoch(1).getFirst());
    }

    @Test
    void textsOfOneLengthGoTogether() {
        int[] lengths = lengths(1600, RandomStream.of(2));
        List<int[]> batches = new BatchPlan(lengths, 16, 7).epoch(0);

        long padded = batches.stream().mapToLong(b -> (long) b.length * longest(b, lengths)).sum();
        long real = Arrays.stream(lengths).sum();

        assertThat((double) padded / real).isLessThan(1.1);
    }

    private static int longest(int[] batch, int[] lengths) {
        return Arrays.stream(batch).map(i -> lengths[i]).max().orElseThrow();
    }

    private static int[] lengths(int count, RandomStream any) {
        return IntStream.range(0, count).map(i -> 3 + any.nextInt(200)).toArray();
    }
}
