package dev.espalier.aggregation.intake;

import dev.espalier.aggregation.session.RoundTerms;
import dev.espalier.aggregation.sparse.BaseMatrices.Matrix;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.job.WeightPruningSpec.Pruner;
import dev.espalier.protocol.update.RoundWork;
import dev.espalier.protocol.update.Scope;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;

/**
 * What an update must be that pruned layers of a base.
 *
 * @param work that the cohort was asked for
 * @param scope the layers
 * @param matrices theirs, in ascending order of name
 */
record PruningExpectation(
        RoundTerms terms, RoundWork.Prune work, AgentName agent, Scope scope, List<Matrix> matrices)
        implements Expectation {

    @Override
    public long denseBytes() {
        return Float.BYTES * elements();
    }

    long elements() {
        return matrices.stream().mapToLong(Matrix::elements).sum();
    }

    /**
     * How many elements have to be pruned at least, over all matrices: what the pruner drops of
     * each where scores are cut exactly (algorithms.md C.4); 0 where there is a pattern.
     */
    long fewestZeros() {
        BigDecimal sparsity = work.sparsity();
        if (sparsity == null) {
            return 0;
        }
        Pruner pruner = work.weights().pruner();
        return matrices.stream().mapToLong(one -> fewestZeros(one, pruner, sparsity)).sum();
    }

    private static long fewestZeros(Matrix matrix, Pruner pruner, BigDecimal sparsity) {
        return switch (pruner) {
            case MAGNITUDE, SPARSE_GPT -> floor(sparsity, matrix.elements());
            case WANDA -> matrix.out() * floor(sparsity, matrix.in());
        };
    }

    private static long floor(BigDecimal sparsity, long elements) {
        return sparsity.multiply(BigDecimal.valueOf(elements))
                .setScale(0, RoundingMode.FLOOR)
                .longValueExact();
    }
}
