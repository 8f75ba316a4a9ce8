package dev.espalier.lm.generate;

import ai.djl.ndarray.NDArray;
import dev.espalier.lm.compute.NativeValues;
import dev.espalier.lm.compute.Precision;
import dev.espalier.lm.compute.Workspace;
import dev.espalier.lm.family.KeyValueMemory;
import dev.espalier.lm.family.ModelStructure;
import dev.espalier.lm.family.TokenBatch;
import dev.espalier.lm.tokens.TokenSequence;
import java.util.Arrays;
import java.util.List;

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

    /** What a memory does not hold of some sequences: all, or the last token of each. */
    static TokenBatch unread(
            KeyValueMemory memory,
            List<int[]> sequences,
            Workspace workspace,
            Precision precision) {
        if (memory.length() == 0) {
            return TokenBatch.of(
                    sequences.stream().map(Search::sequence).toList(), workspace, precision);
        }
        int[] last = sequences.stream().mapToInt(ids -> ids[memory.length()]).toArray();
        return TokenBatch.next(last, memory.length(), workspace, precision);
    }

    static TokenSequence sequence(int[] ids) {
        return new TokenSequence(ids, new int[ids.length]);
    }
}
