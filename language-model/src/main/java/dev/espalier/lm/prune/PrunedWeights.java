package dev.espalier.lm.prune;

import dev.espalier.lm.base.BaseModel;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * Pruned matrices of one model, gathered to be looked at together. A mask takes a bit for every
 * weight, new values four bytes for every one that is kept.
 */
public final class PrunedWeights implements Consumer<PrunedMatrix> {

    private final List<PrunedMatrix> matrices = new ArrayList<>();

    @Override
    public void accept(PrunedMatrix matrix) {
        matrices.add(matrix);
    }

    /** In the order in which they came. */
    public List<PrunedMatrix> matrices() {
        return List.copyOf(matrices);
    }

    /**
     * The model with these matrices pruned, without a folder of its own: to measure its perplexity,
     * say. Close it before the other.
     *
     * @param base the model that they were made of
     * @throws IllegalArgumentException if it has no such matrix
     */
    public BaseModel over(BaseModel base) {
        SortedMap<String, UnaryOperator<float[]>> changes = new TreeMap<>();
        for (PrunedMatrix matrix : matrices) {
            changes.put(matrix.linear().weight(), matrix::appliedTo);
        }
        return base.changed(changes);
    }
}
