package dev.espalier.lm.head;

import dev.espalier.lm.adapter.AdapterDelta;
import dev.espalier.lm.adapter.AdapterLayout;
import dev.espalier.lm.adapter.AdapterSettings;
import dev.espalier.lm.adapter.AdapterWeights;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.family.AttentionBlock;
import dev.espalier.lm.family.HeadMask;
import dev.espalier.lm.family.LinearLayer;
import dev.espalier.lm.family.ModelHeads;
import dev.espalier.lm.family.ModelStructure;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * How large the weights of attention heads are: the Euclidean norm of a head's rows of query, key
 * and value and its columns of output together, biases left out (a baseline of algorithms.md A.6).
 * Keys and values that heads share count for each of them.
 */
public final class HeadMagnitude {

    private final ModelStructure model;
    private final Function<String, float[]> weights;

    private HeadMagnitude(BaseModel base, Function<String, float[]> weights) {
        if (!base.heads().isWhole()) {
            throw new IllegalArgumentException("heads are ranked on the model that has all");
        }
        this.model = base.structure();
        this.weights = weights;
    }

    /**
     * Of the base model as it is.
     *
     * @throws IllegalArgumentException if the model lost heads
     */
    public static HeadScores of(BaseModel base) {
        return new HeadMagnitude(base, base.weights()::floats).measure();
    }

    /**
     * Of the base model with an adapter merged in.
     *
     * @throws IllegalArgumentException if the weights do not fit the settings, or the model lost
     *     heads
     */
    public static HeadScores of(BaseModel base, AdapterSettings settings, AdapterWeights weights) {
        AdapterLayout layout = base.layout(settings);
        layout.check(weights);
        AdapterDelta delta = new AdapterDelta(layout, weights);
        return new HeadMagnitude(
                        base, name -> delta.mergedInto(name, () -> base.weights().floats(name)))
                .measure();
    }

    private HeadScores measure() {
        double[][] norms = new double[model.attention().size()][];
        for (int b = 0; b < norms.length; b++) {
            double[] squares = new double[model.attention().get(b).heads()];
            List<ModelHeads> alone = alone(b);
            for (LinearLayer linear : linears(model.attention().get(b))) {
                addSquares(alone, linear, weights.apply(linear.weight()), squares);
            }
            norms[b] = Arrays.stream(squares).map(Math::sqrt).toArray();
        }
        return HeadScores.of(norms);
    }

    /** One layer may make queries, keys and values. */
    private List<LinearLayer> linears(AttentionBlock block) {
        return Stream.of(block.query(), block.key(), block.value(), block.output())
                .distinct()
                .map(model::linear)
                .toList();
    }

    /**
     * @param alone for each head the model whose block has no other
     */
    private static void addSquares(
            List<ModelHeads> alone, LinearLayer linear, float[] w, double[] squares) {
        for (int head = 0; head < squares.length; head++) {
            for (int i : alone.get(head).part(linear).weight().elements(linear.weightShape())) {
                squares[head] += (double) w[i] * w[i];
            }
        }
    }

    private List<ModelHeads> alone(int block) {
        return IntStream.range(0, model.attention().get(block).heads())
                .mapToObj(head -> ModelHeads.kept(model, alone(block, head)))
                .toList();
    }

    /** A block with one head, all others whole. */
    private HeadMask alone(int block, int head) {
        boolean[][] kept = HeadMask.all(model).toArray();
        Arrays.fill(kept[block], false);
        kept[block][head] = true;
        return HeadMask.of(kept);
    }
}
