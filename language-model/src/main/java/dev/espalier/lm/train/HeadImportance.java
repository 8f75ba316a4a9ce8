package dev.espalier.lm.train;

import dev.espalier.lm.adapter.AdapterSettings;
import dev.espalier.lm.adapter.AdapterWeights;
import dev.espalier.lm.adapter.LiveAdapter;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.family.HeadGates;
import dev.espalier.lm.family.HeadMask;
import dev.espalier.lm.head.HeadScores;
import dev.espalier.lm.tokens.Example;
import dev.espalier.lm.tokens.LanguageExample;
import dev.espalier.lm.tokens.TextToTextExample;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * How much the loss would change with an attention head (Michel et al. 2019): every head's output
 * is multiplied with a gate of 1, and a head's importance is
 *
 * <pre>
 *   Σ batches: |d mean loss / d gate| · share of the batch in all predictions
 * </pre>
 *
 * A baseline that needs labels and a backward pass, as confidence does not.
 */
public final class HeadImportance {

    private final BaseModel base;
    private final Task task;

    private HeadImportance(BaseModel base, Task task) {
        this.base = base;
        this.task = task;
    }

    /**
     * For telling classes apart.
     *
     * @throws IllegalArgumentException if an example does not fit the model; names which and why
     */
    public static HeadImportance ofClasses(
            BaseModel base, AdapterSettings settings, List<Example> examples) {
        ExampleCheck.check(base, settings, examples);
        return new HeadImportance(base, new ClassificationTask(base, examples));
    }

    /**
     * For foretelling tokens.
     *
     * @throws IllegalArgumentException if an example does not fit the model; names which and why
     */
    public static HeadImportance ofTokens(BaseModel base, List<LanguageExample> examples) {
        ExampleCheck.check(base, examples);
        return new HeadImportance(base, new LanguageTask(base, examples));
    }

    /**
     * For writing texts after reading others.
     *
     * @throws IllegalArgumentException if an example does not fit the model; names which and why
     */
    public static HeadImportance ofPairs(BaseModel base, List<TextToTextExample> examples) {
        ExampleCheck.checkPairs(base, examples);
        return new HeadImportance(base, new TextToTextTask(base, examples));
    }

    /**
     * Of the base model with an adapter.
     *
     * @param batchSize examples whose loss is one, 1 or more
     * @throws IllegalArgumentException if the weights do not fit the settings
     */
    public HeadScores measure(AdapterSettings settings, AdapterWeights weights, int batchSize) {
        try (LiveAdapter live = base.adapt(settings, weights)) {
            return measure(live, batchSize);
        }
    }

    /**
     * Of the base model as it is.
     *
     * @param batchSize examples whose loss is one, 1 or more
     */
    public HeadScores measure(int batchSize) {
        try (LiveAdapter nothing = base.unadapted()) {
            return measure(nothing, batchSize);
        }
    }

    private HeadScores measure(LiveAdapter live, int batchSize) {
        if (batchSize < 1) {
            throw new IllegalArgumentException("batchSize must be at least 1: " + batchSize);
        }
        HeadMask all = HeadMask.all(base.structure());
        HeadGates gates = live.gateHeads(all);
        double[][] importance =
                IntStream.range(0, all.blocks())
                        .mapToObj(block -> new double[all.heads(block)])
                        .toArray(double[][]::new);
        int total = IntStream.range(0, task.size()).map(task::predictions).sum();
        for (int[] batch : batches(batchSize)) {
            task.backward(live, batch, Entrance.EMBEDDINGS, Masks.NONE, 1);
            double share = (double) Arrays.stream(batch).map(task::predictions).sum() / total;
            add(gates.takeGradients(), share, importance);
        }
        return HeadScores.of(importance);
    }

    private List<int[]> batches(int size) {
        return IntStream.iterate(0, from -> from < task.size(), from -> from + size)
                .mapToObj(
                        from -> IntStream.range(from, Math.min(from + size, task.size())).toArray())
                .toList();
    }

    private static void add(float[][] gradients, double share, double[][] importance) {
        for (int b = 0; b < importance.length; b++) {
            for (int h = 0; h < importance[b].length; h++) {
                importance[b][h] += share * Math.abs(gradients[b][h]);
            }
        }
    }
}
