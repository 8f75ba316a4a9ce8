package dev.espalier.lm.generate;

import ai.djl.ndarray.NDArray;
import dev.espalier.lm.compute.NativeValues;
import dev.espalier.lm.family.ModelStructure;
import dev.espalier.lm.tokens.TokenSequence;
import java.util.Arrays;

/** What is the same for every kind of model that writes. */
final class Search {

    private Search() {}

    /** By the search that the settings ask for. */
    static GeneratedText continued(NextTokens model, int[] prompt, GenerationSettings settings) {
        Hypothesis found =
                settings.beams() == 1
                        ? new GreedySearch(model, settings).continued(prompt)
                        : new BeamSearch(model, settings).continued(prompt);
        return new GeneratedText(sequence(found.ids), prompt.length, found.score);
    }

    /**
     * @param logits [sequences, vocabulary]
     * @return for each sequence the log probability of every id
     */
    static float[][] logProbabilities(NDArray logits) {
        float[] values = NativeValues.floats(logits.logSoftmax(-1));
        int width = Math.toIntExact(logits.getShape().get(1));
        float[][] rows = new float[values.length / width][];
        for (int row = 0; row < rows.length; row++) {
            rows[row] = Arrays.copyOfRange(values, row * width, (row + 1) * width);
        }
        return rows;
    }

    /**
     * @param newTokens how many are written into the same positions
     * @throws IllegalArgumentException if the model does not know an id, or the sequence may become
     *     longer than it takes
     */
    static void check(ModelStructure model, int[] prompt, int newTokens) {
        int vocabulary = model.vocabulary();
        if (prompt.length == 0
                || Arrays.stream(prompt).anyMatch(id -> id < 0 || id >= vocabulary)) {
            throw new IllegalArgumentException(
                    "a prompt is one or more tokens that the model knows");
        }
        if ((long) prompt.length + newTokens > model.maxPositions()) {
            throw new IllegalArgumentException(
                    "%d tokens and %d new ones, the model takes %d"
                            .formatted(prompt.length, newTokens, model.maxPositions()));
        }
    }

    static TokenSequence sequence(int[] ids) {
        return new TokenSequence(ids, new int[ids.length]);
    }
}
