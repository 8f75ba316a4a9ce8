package dev.espalier.lm.family;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import dev.espalier.lm.compute.NativeValues;
import dev.espalier.lm.compute.Precision;
import dev.espalier.lm.compute.Workspace;
import dev.espalier.lm.tokens.TokenSequence;
import java.util.Arrays;
import java.util.List;

/**
 * Some sequences as arrays, padded on the right to the longest of them.
 *
 * @param size number of sequences
 * @param length of the longest
 * @param ids [batch, time] 64-bit
 * @param types [batch, time] 64-bit
 * @param mask [batch, 1, 1, time], 0 where there is a token, very negative on padding; added to
 *     attention scores
 */
public record TokenBatch(int size, int length, NDArray ids, NDArray types, NDArray mask) {

    /** Softmax makes exactly 0 of it, and sums of two stay finite. */
    private static final float MASKED = -1e9f;

    /** Valid until the workspace is closed. */
    public static TokenBatch of(
            List<TokenSequence> sequences, Workspace workspace, Precision precision) {
        int length = sequences.stream().mapToInt(TokenSequence::length).max().orElseThrow();
        long[] ids = new long[sequences.size() * length];
        long[] types = new long[ids.length];
        float[] mask = new float[ids.length];
        Arrays.fill(mask, MASKED);
        for (int row = 0; row < sequences.size(); row++) {
            TokenSequence tokens = sequences.get(row);
            for (int t = 0; t < tokens.length(); t++) {
                ids[row * length + t] = tokens.id(t);
                types[row * length + t] = tokens.type(t);
                mask[row * length + t] = 0;
            }
        }
        Shape grid = new Shape(sequences.size(), length);
        return new TokenBatch(
                sequences.size(),
                length,
                workspace.manager().create(ids, grid),
                workspace.manager().create(types, grid),
                NativeValues.create(
                        workspace.manager(),
                        new Shape(sequences.size(), 1, 1, length),
                        precision,
                        mask));
    }
}
