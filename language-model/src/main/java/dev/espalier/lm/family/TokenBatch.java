package dev.espalier.lm.family;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.espalier.lm.compute.NativeValues;
import dev.espalier.lm.compute.Precision;
import dev.espalier.lm.compute.Workspace;
import dev.espalier.lm.tokens.TokenSequence;
import java.util.Arrays;
import java.util.List;

/**
 * Some sequences as arrays, padded to the longest of them.
 *
 * @param size number of sequences
 * @param length of the longest
 * @param ids [batch, time] 64-bit
 * @param types [batch, time] 64-bit
 * @param positions [batch, time] 64-bit: 0 at the first token of a sequence, and on padding
 * @param mask [batch, 1, 1, time], 0 where there is a token, very negative on padding; added to
 *     attention scores
 */
public record TokenBatch(
        int size, int length, NDArray ids, NDArray types, NDArray positions, NDArray mask) {

    /** Softmax makes exactly 0 of it, and sums of two stay finite. */
    static final float MASKED = -1e9f;

    /** Padded on the right. Valid until the workspace is closed. */
    public static TokenBatch of(
            List<TokenSequence> sequences, Workspace workspace, Precision precision) {
        return padded(sequences, false, workspace, precision);
    }

    /**
     * Padded on the left, so that the last tokens stand below each other. Only for models that ask
     * for {@link #positions}.
     */
    public static TokenBatch leftPadded(
            List<TokenSequence> sequences, Workspace workspace, Precision precision) {
        return padded(sequences, true, workspace, precision);
    }

    /**
     * One token after each of some texts of one length.
     *
     * @param past tokens that each text has already
     */
    public static TokenBatch next(
            int[] tokens, int past, Workspace workspace, Precision precision) {
        NDManager manager = workspace.manager();
        Shape column = new Shape(tokens.length, 1);
        long[] ids = Arrays.stream(tokens).asLongStream().toArray();
        long[] positions = new long[tokens.length];
        Arrays.fill(positions, past);
        return new TokenBatch(
                tokens.length,
                1,
                manager.create(ids, column),
                manager.create(new long[tokens.length], column),
                manager.create(positions, column),
                manager.zeros(new Shape(tokens.length, 1, 1, 1), precision.type()));
    }

    private static TokenBatch padded(
            List<TokenSequence> sequences, boolean left, Workspace workspace, Precision precision) {
        int length = sequences.stream().mapToInt(TokenSequence::length).max().orElseThrow();
        long[] ids = new long[sequences.size() * length];
        long[] types = new long[ids.length];
        long[] positions = new long[ids.length];
        float[] mask = new float[ids.length];
        Arrays.fill(mask, MASKED);
        for (int row = 0; row < sequences.size(); row++) {
            TokenSequence tokens = sequences.get(row);
            int from = row * length + (left ? length - tokens.length() : 0);
            for (int t = 0; t < tokens.length(); t++) {
                ids[from + t] = tokens.id(t);
                types[from + t] = tokens.type(t);
                positions[from + t] = t;
                mask[from + t] = 0;
            }
        }
        NDManager manager = workspace.manager();
        Shape grid = new Shape(sequences.size(), length);
        Shape keys = new Shape(sequences.size(), 1, 1, length);
        return new TokenBatch(
                sequences.size(),
                length,
                manager.create(ids, grid),
                manager.create(types, grid),
                manager.create(positions, grid),
                NativeValues.create(manager, keys, precision, mask));
    }
}
