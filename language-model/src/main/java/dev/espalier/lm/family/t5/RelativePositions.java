package dev.espalier.lm.family.t5;

/**
 * Distances between tokens, gathered in buckets, each of which has a bias of its own in every head
 * (Raffel et al. 2020, section 2.1). Near distances have a bucket each, farther ones share
 * logarithmically wider ones, and from {@code maxDistance} on all share the last.
 *
 * @param bothWays whether tokens behind the query have buckets of their own; if not, they share
 *     that of distance 0
 * @param buckets how many there are
 */
record RelativePositions(boolean bothWays, int buckets, int maxDistance) {

    /**
     * @param distance place of the key less that of the query
     */
    int bucket(int distance) {
        if (!bothWays) {
            return bucket(Math.max(0, -distance), buckets);
        }
        int half = buckets / 2;
        return bucket(Math.abs(distance), half) + (distance > 0 ? half : 0);
    }

    /** In floats, as transformers: doubles would fall on the other side of some borders. */
    private int bucket(int distance, int count) {
        int exact = count / 2;
        if (distance < exact) {
            return distance;
        }
        float share =
                (float) Math.log((float) distance / exact)
                        / (float) Math.log((double) maxDistance / exact);
        return Math.min(exact + (int) (share * (count - exact)), count - 1);
    }

    /**
     * Buckets [time - past, time] in row order: a row a query, a column a key.
     *
     * @param past places whose queries were asked before
     */
    long[] grid(int past, int time) {
        long[] grid = new long[(time - past) * time];
        for (int i = 0; i < grid.length; i++) {
            grid[i] = bucket(i % time - (past + i / time));
        }
        return grid;
    }
}
