package dev.espalier.tensors.masked;

import java.util.Arrays;

/** Indices of rows or columns: ascending, each once, none negative. Immutable. */
public final class IndexSet {

    private final int[] indices;

    private IndexSet(int[] indices) {
        this.indices = indices;
    }

    /**
     * A set of these indices.
     *
     * @throws IllegalArgumentException unless the indices ascend strictly from 0 or more
     */
    public static IndexSet of(int... indices) {
        int[] copy = indices.clone();
        for (int i = 0; i < copy.length; i++) {
            if (copy[i] < 0) {
                throw new IllegalArgumentException("negative index " + copy[i]);
            }
            if (i > 0 && copy[i] <= copy[i - 1]) {
                String what = copy[i] == copy[i - 1] ? "index twice: " : "indices not ascending: ";
                throw new IllegalArgumentException(what + copy[i - 1] + ", " + copy[i]);
            }
        }
        return new IndexSet(copy);
    }

    public int size() {
        return indices.length;
    }

    /** The {@code i}-th smallest. */
    public int at(int i) {
        return indices[i];
    }

    public boolean contains(long index) {
        int place = lowerBound(index);
        return place < indices.length && indices[place] == index;
    }

    /** How many are smaller than {@code index}. */
    public int lowerBound(long index) {
        if (index > Integer.MAX_VALUE) {
            return indices.length;
        }
        int place = Arrays.binarySearch(indices, (int) index);
        return place < 0 ? -place - 1 : place;
    }

    public int[] toArray() {
        return indices.clone();
    }

    /**
     * @throws IllegalArgumentException if an index is not below {@code limit}
     */
    void requireBelow(long limit, String what) {
        if (indices.length > 0 && indices[indices.length - 1] >= limit) {
            throw new IllegalArgumentException(
                    "%s index %d is not below %d"
                            .formatted(what, indices[indices.length - 1], limit));
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof IndexSet that && Arrays.equals(indices, that.indices);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(indices);
    }

    @Override
    public String toString() {
        return Arrays.toString(indices);
    }
}
