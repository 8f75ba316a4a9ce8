package dev.espalier.lm.head;

import dev.espalier.lm.family.HeadMask;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * How many heads are kept, and among which the best are chosen (algorithms.md A.3 step 4,
 * inferred).
 *
 * <p>Of T heads T - floor(sparsity · T) are kept, in decimal, at least 1; higher scores first,
 * equal ones by ascending block and head. Heads that have to be kept go before all others, then
 * what every block must keep at least; only these two may make it more.
 *
 * @param sparsity share of heads that is pruned, in [0, 1]; {@code PER_BLOCK} below 1, since it may
 *     not keep 0 heads
 * @param minHeadsPerBlock what every block keeps at least, 0 or more
 */
public record HeadChoice(BigDecimal sparsity, HeadScope scope, int minHeadsPerBlock) {

    public HeadChoice {
        if (sparsity.signum() < 0 || sparsity.compareTo(BigDecimal.ONE) > 0) {
            throw new IllegalArgumentException("sparsity must be in [0, 1]: " + sparsity);
        }
        if (scope == HeadScope.PER_BLOCK && sparsity.compareTo(BigDecimal.ONE) == 0) {
            throw new IllegalArgumentException("PER_BLOCK must keep a head: sparsity below 1");
        }
        if (minHeadsPerBlock < 0) {
            throw new IllegalArgumentException(
                    "minHeadsPerBlock must not be negative: " + minHeadsPerBlock);
        }
    }

    /** The sparsity as its shortest decimal: 0.9 is nine tenths. */
    public HeadChoice(double sparsity, HeadScope scope, int minHeadsPerBlock) {
        this(BigDecimal.valueOf(sparsity), scope, minHeadsPerBlock);
    }

    /** The best of the whole model. */
    public static HeadChoice global(double sparsity) {
        return new HeadChoice(sparsity, HeadScope.GLOBAL, 0);
    }

    /** How many of so many heads are kept, unless more have to be: 1 or more. */
    public int kept(int heads) {
        BigDecimal pruned = sparsity.multiply(BigDecimal.valueOf(heads));
        return Math.max(1, heads - pruned.setScale(0, RoundingMode.FLOOR).intValueExact());
    }

    private record Head(int block, int number, double score) {}

    /**
     * @throws IllegalArgumentException if a block has fewer heads than it must keep
     */
    public HeadMask choose(HeadScores scores) {
        boolean[][] none = new boolean[scores.blocks()][];
        for (int b = 0; b < none.length; b++) {
            none[b] = new boolean[scores.heads(b)];
        }
        return choose(scores, HeadMask.of(none));
    }

    /**
     * @param forced heads that have to be kept; they count
     * @throws IllegalArgumentException if a block has fewer heads than it must keep, or the mask is
     *     of another model
     */
    public HeadMask choose(HeadScores scores, HeadMask forced) {
        boolean[][] keep = forced.toArray();
        requireAlike(scores, keep);
        for (int b = 0; b < keep.length; b++) {
            int own = scope == HeadScope.PER_BLOCK ? kept(keep[b].length) : 0;
            fill(keep, ranked(scores, b), Math.max(own, minHeadsPerBlock));
        }
        if (scope != HeadScope.PER_BLOCK) {
            fill(keep, ranked(scores), kept(scores.heads()));
        }
        return HeadMask.of(keep);
    }

    private void requireAlike(HeadScores scores, boolean[][] forced) {
        if (forced.length != scores.blocks()) {
            throw new IllegalArgumentException(
                    "a mask of %d blocks for scores of %d"
                            .formatted(forced.length, scores.blocks()));
        }
        for (int b = 0; b < forced.length; b++) {
            if (forced[b].length != scores.heads(b) || minHeadsPerBlock > scores.heads(b)) {
                throw new IllegalArgumentException(
                        "block %d has %d heads: it cannot keep %d, nor take a mask of %d"
                                .formatted(b, scores.heads(b), minHeadsPerBlock, forced[b].length));
            }
        }
    }

    /** Takes heads from the front that are not taken yet, until so many of the list are. */
    private static void fill(boolean[][] keep, List<Head> ranked, int wanted) {
        int taken = 0;
        for (Head head : ranked) {
            taken += keep[head.block][head.number] ? 1 : 0;
        }
        for (Head head : ranked) {
            if (taken < wanted && !keep[head.block][head.number]) {
                keep[head.block][head.number] = true;
                taken++;
            }
        }
    }

    private List<Head> ranked(HeadScores scores) {
        List<Head> all = new ArrayList<>();
        for (int b = 0; b < scores.blocks(); b++) {
            all.addAll(ranked(scores, b));
        }
        all.sort(scope == HeadScope.TOP_BLOCKS ? topBlocks() : best());
        return all;
    }

    private static List<Head> ranked(HeadScores scores, int block) {
        List<Head> heads = new ArrayList<>();
        for (int h = 0; h < scores.heads(block); h++) {
            heads.add(new Head(block, h, scores.score(block, h)));
        }
        heads.sort(best());
        return heads;
    }

    private static Comparator<Head> best() {
        return Comparator.comparingDouble((Head head) -> -head.score)
                .thenComparingInt(Head::block)
                .thenComparingInt(Head::number);
    }

    private static Comparator<Head> topBlocks() {
        return Comparator.comparingInt((Head head) -> -head.block).thenComparing(best());
    }
}
