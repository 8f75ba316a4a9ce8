package dev.espalier.benchmarks.plan;

import dev.espalier.benchmarks.experiment.ModelShape;
import dev.espalier.protocol.job.HeadPruningSpec;
import org.jspecify.annotations.Nullable;

/**
 * The time of a training step with pruned heads as a share of a dense one, taken from its
 * multiply-accumulates (algorithms.md A.7), with this of our own: below the lowest block that keeps
 * a head nothing is trained, so nothing is run backward, and what these blocks make of a text is
 * computed in the first epoch only.
 *
 * @param length of a text in tokens
 * @param rank of the adapter
 * @param epochs of a client in a round
 */
record Stride(ModelShape shape, int length, int rank, int epochs) {

    /**
     * @param pruning absent: dense
     * @param sparsity that of the round
     */
    double share(@Nullable HeadPruningSpec pruning, double sparsity) {
        if (pruning == null) {
            return 1;
        }
        int total = shape.blocks() * shape.heads();
        int kept = Math.max(1, total - (int) Math.floor(sparsity * total + 1e-9));
        double dense = shape.blocks() * trained(shape.heads());
        return switch (pruning.ranking()) {
            case TOP_BLOCKS -> topFirst(kept) / dense;
            case GLOBAL, PER_BLOCK ->
                    shape.blocks() * trained((double) kept / shape.blocks()) / dense;
        };
    }

    private double topFirst(int kept) {
        int left = kept;
        double sum = 0;
        for (int block = shape.blocks() - 1; block >= 0; block--) {
            int here = Math.min(shape.heads(), left);
            left -= here;
            sum += here == 0 ? feedForward() / epochs : trained(here);
        }
        return sum;
    }

    private double feedForward() {
        return 2.0 * length * shape.width() * shape.inner();
    }

    private double trained(double kept) {
        double width = shape.width();
        double slice = kept * width / shape.heads();
        double linear = 4.0 * length * width * slice;
        double attention = 2.0 * length * length * slice;
        double adapter = 4.0 * length * rank * (width + slice);
        return 2 * (linear + feedForward()) + 3 * (attention + adapter);
    }
}
