package dev.espalier.aggregation.sparse;

/**
 * What became of one matrix.
 *
 * @param zeros elements that its mask leaves out
 * @param responders how many clients pruned it; 0: it is as its parent left it
 */
public record MatrixSparsity(String name, long elements, long zeros, int responders) {

    public double sparsity() {
        return elements == 0 ? 0 : zeros / (double) elements;
    }
}
