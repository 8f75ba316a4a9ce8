package dev.espalier.lm.tokens;

import java.util.Arrays;

/**
 * One text, or pair of texts, as token ids, special tokens included, without padding. Immutable;
 * prints as its length, since ids give the text away.
 */
public final class TokenSequence {

    private final int[] ids;
    private final int[] types;

    /**
     * @param ids at least one
     * @param types for each token which text of a pair it belongs to: 0 or 1
     */
    public TokenSequence(int[] ids, int[] types) {
        if (ids.length == 0 || ids.length != types.length) {
            throw new IllegalArgumentException(
                    "%d ids with %d types".formatted(ids.length, types.length));
        }
        this.ids = ids.clone();
        this.types = types.clone();
    }

    public int length() {
        return ids.length;
    }

    public int id(int position) {
        return ids[position];
    }

    public int type(int position) {
        return types[position];
    }

    public int[] ids() {
        return ids.clone();
    }

    public int[] types() {
        return types.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TokenSequence that
                && Arrays.equals(ids, that.ids)
                && Arrays.equals(types, that.types);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(ids) + Arrays.hashCode(types);
    }

    @Override
    public String toString() {
        return "TokenSequence[%d tokens]".formatted(ids.length);
    }
}
