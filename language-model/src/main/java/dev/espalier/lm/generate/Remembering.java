package dev.espalier.lm.generate;

import dev.espalier.lm.family.KeyValueMemory;
import java.util.Arrays;
import java.util.List;

/**
 * Reads every token once. A search asks for sequences that are one token longer than those it asked
 * for before; which of them goes on from which is seen from what they begin with, because equal
 * beginnings have equal keys and values.
 */
final class Remembering implements NextTokens {

    private final Reader model;
    private final KeyValueMemory memory;
    private List<int[]> read = List.of();

    /** A model that goes on where its memory ends. */
    @FunctionalInterface
    interface Reader {

        /**
         * @param memory of {@code memory.length()} tokens of each sequence
         * @param sequences all of one length; where something is remembered, one longer than that
         * @return as {@link NextTokens#after}
         */
        float[][] after(KeyValueMemory memory, List<int[]> sequences);
    }

    /**
     * @param memory empty; closed by whoever made it
     */
    Remembering(KeyValueMemory memory, Reader model) {
        this.model = model;
        this.memory = memory;
    }

    /**
     * @throws IllegalStateException if a sequence is not one of those before and one token more
     */
    @Override
    public float[][] after(List<int[]> sequences) {
        if (!read.isEmpty()) {
            follow(sequences);
        }
        float[][] next = model.after(memory, sequences);
        memory.advance(sequences.getFirst().length - memory.length());
        read = List.copyOf(sequences);
        return next;
    }

    private void follow(List<int[]> sequences) {
        int[] rows = sequences.stream().mapToInt(this::beginning).toArray();
        boolean same = rows.length == read.size();
        for (int row = 0; row < rows.length; row++) {
            same &= rows[row] == row;
        }
        if (!same) {
            memory.select(rows);
        }
    }

    private int beginning(int[] sequence) {
        for (int row = 0; row < read.size(); row++) {
            int[] known = read.get(row);
            if (sequence.length == known.length + 1
                    && Arrays.mismatch(sequence, known) == known.length) {
                return row;
            }
        }
        throw new IllegalStateException("a sequence does not go on from one before");
    }
}
