package dev.espalier.protocol.job;

import dev.espalier.protocol.model.MatrixSparsity;
import java.util.List;

/**
 * How sparse a job's rounds made each matrix of the base.
 *
 * @param rounds those that pruned, ascending
 */
public record SparsityMap(List<Round> rounds) {

    /**
     * @param number from 1 over all phases of the job
     * @param sparsity of all matrices together
     * @param matrices in ascending order of name
     */
    public record Round(int number, double sparsity, List<MatrixSparsity> matrices) {}
}
