package dev.espalier.protocol.model;

import com.fasterxml.jackson.annotation.JsonIgnore;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.PositiveOrZero;
import jakarta.validation.constraints.Size;
import java.util.Collection;

/**
 * How much of one matrix is pruned.
 *
 * @param name of the tensor in the weights
 * @param zeros elements that its mask leaves out
 * @param responders how many clients pruned it in the round that made the version; 0: it is as its
 *     parent left it
 */
public record MatrixSparsity(
        @NotNull @Size(min = 1, max = 300) String name,
        @PositiveOrZero long elements,
        @PositiveOrZero long zeros,
        @PositiveOrZero int responders) {

    /** In [0, 1]; 0 of nothing. */
    @JsonIgnore
    public double sparsity() {
        return share(zeros, elements);
    }

    /** That of all of them together. */
    public static double ofAll(Collection<MatrixSparsity> matrices) {
        return share(
                matrices.stream().mapToLong(MatrixSparsity::zeros).sum(),
                matrices.stream().mapToLong(MatrixSparsity::elements).sum());
    }

    private static double share(long zeros, long elements) {
        return elements == 0 ? 0 : zeros / (double) elements;
    }
}
