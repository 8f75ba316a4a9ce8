package dev.espalier.lm.train;

import dev.espalier.lm.compute.RandomStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Which examples go together, and when. A pure function of lengths, seed and epoch.
 *
 * <p>Examples are shuffled, then sorted by length within pools of many batches, so that a batch
 * holds texts of about one length and little padding; then the batches are shuffled.
 */
final class BatchPlan {

    private static final int BATCHES_PER_POOL = 32;

    private final int[] lengths;
    private final int batchSize;
    private final long seed;

    /**
     * @param lengths of the examples, in tokens
     */
    BatchPlan(int[] lengths, int batchSize, long seed) {
        this.lengths = lengths.clone();
        this.batchSize = batchSize;
        this.seed = seed;
    }

    /** The batches of one epoch in order, each a list of example numbers. */
    List<int[]> epoch(int epoch) {
        RandomStream stream = RandomStream.of(seed, epoch);
        int[] order = IntStream.range(0, lengths.length).toArray();
        stream.shuffle(order);
        List<int[]> batches = new ArrayList<>();
        int pool = batchSize * BATCHES_PER_POOL;
        for (int from = 0; from < order.length; from += pool) {
            int to = Math.min(from + pool, order.length);
            cut(sortedByLength(order, from, to), batches);
        }
        return shuffled(batches, stream);
    }

    private int[] sortedByLength(int[] order, int from, int to) {
        return IntStream.range(from, to)
                .mapToObj(i -> order[i])
                .sorted(Comparator.comparingInt(example -> lengths[example]))
                .mapToInt(Integer::intValue)
                .toArray();
    }

    private void cut(int[] pool, List<int[]> batches) {
        for (int from = 0; from < pool.length; from += batchSize) {
            int to = Math.min(from + batchSize, pool.length);
            batches.add(Arrays.copyOfRange(pool, from, to));
        }
    }

    private static List<int[]> shuffled(List<int[]> batches, RandomStream stream) {
        int[] order = IntStream.range(0, batches.size()).toArray();
        stream.shuffle(order);
        List<int[]> shuffled = new ArrayList<>();
        for (int i : order) {
            shuffled.add(batches.get(i));
        }
        return Collections.unmodifiableList(shuffled);
    }
}
