package dev.espalier.aggregation.sparse;

import dev.espalier.tensors.FloatReader;
import dev.espalier.tensors.combine.CountReader;
import dev.espalier.tensors.combine.MaskExpansion;
import dev.espalier.tensors.combine.TieOrder;
import dev.espalier.tensors.masked.ElementMask;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/** What becomes of the mask of a matrix after the mean over those who kept a weight. */
public sealed interface Expansion {

    /**
     * Which elements are kept.
     *
     * @param values the mean
     * @param kept by element: how many clients kept it
     */
    ElementMask mask(String matrix, long elements, FloatReader values, CountReader kept)
            throws IOException;

    /** Zero stays what all responders pruned, and nothing else (algorithms.md C.3 step 5). */
    record None() implements Expansion {

        @Override
        public ElementMask mask(String matrix, long elements, FloatReader values, CountReader kept)
                throws IOException {
            return MaskExpansion.adaptive(elements, values, kept, TieOrder.INDEX, 0).keepAllBut(0);
        }
    }

    /**
     * What the most clients pruned is zeroed too, until a matrix is as sparse as it should be
     * (algorithms.md C.3 step 6).
     *
     * @param sparsity of every matrix
     * @param seed of drawn ties
     */
    record Adaptive(BigDecimal sparsity, TieOrder ties, long seed) implements Expansion {

        @Override
        public ElementMask mask(String matrix, long elements, FloatReader values, CountReader kept)
                throws IOException {
            return MaskExpansion.adaptive(elements, values, kept, ties, ofMatrix(seed, matrix))
                    .keepAllBut(MaskExpansion.targetZeros(sparsity, elements));
        }
    }

    /** A baseline: anything is zeroed, by a draw, until a matrix is as sparse as it should be. */
    record Random(BigDecimal sparsity, long seed) implements Expansion {

        @Override
        public ElementMask mask(String matrix, long elements, FloatReader values, CountReader kept)
                throws IOException {
            return MaskExpansion.random(elements, kept, ofMatrix(seed, matrix))
                    .keepAllBut(MaskExpansion.targetZeros(sparsity, elements));
        }
    }

    /** Every matrix has a draw of its own. */
    private static long ofMatrix(long seed, String matrix) {
        CRC32C name = new CRC32C();
        name.update(matrix.getBytes(StandardCharsets.UTF_8));
        return seed ^ name.getValue() << 32;
    }
}
