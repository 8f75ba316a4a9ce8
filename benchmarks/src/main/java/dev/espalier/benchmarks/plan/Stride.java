package dev.espalier.benchmarks.plan;

import dev.espalier.benchmarks.experiment.ModelShape;
import dev.espalier.protocol.job.HeadPruningSpec;
import org.jspecify.annotations.Nullable;

/**
 * The time of a training step with pruned heads as a share of a dense one, taken from its
 * multiply-accumulates (algorithms.md A.7): removed heads are in neither pass, frozen ones in both.
 * And with this of our own: below the lowest block that keeps a head nothing is trained, so nothing
 * is run backward, and what these blocks make of a text is computed in the first epoch only.
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
        boolean removed = pruning.mode() == HeadPruningSpec.Mode.REMOVE;
        return switch (pruning.ranking()) {
            case TOP_BLOCKS -> topFirst(kept, removed) / dense;
            case GLOBAL, PER_BLOCK ->
                    removed ? shape.blocks() * trained((double) kept / shape.blocks()) / dense : 1;
        };
    }

    private double topFirst(int kept, boolean removed) {
        int left = kept;
        double sum = 0;
        for (int block = shape.blocks() - 1; block >= 0; block--) {
            int here = Math.min(shape.heads(), left);
            left -= here;
            int computed = removed ? here : shape.heads();
            sum += here == 0 ? forward(removed ? 0 : computed) / epochs : trained(computed);
        }
        return sum;
    }

    private double feedForward() {
        return 2.0 * length * shape.width() * shape.inner();
    }

    private double linear(double kept) {
        return 4.0 * length * shape.width() * kept * shape.width() / shape.heads();
    }

    private double attention(double kept) {
        return 2.0 * length * length * kept * shape.width() / shape.heads();
    }

    /** Of a block that is run forward only. */
    private double forward(double kept) {
        return linear(kept) + feedForward() + attention(kept);
    }

    private double trained(double kept) {
        double slice = kept * shape.width() / shape.heads();
        double adapter = 4.0 * length * rank * (shape.width() + slice);
        return 2 * (linear(kept) + feedForward()) + 3 * (attention(kept) + adapter);
    }
}
