package dev.espalier.tensors.masked;

import dev.espalier.tensors.FloatReader;
import dev.espalier.tensors.Shape;
import dev.espalier.tensors.quantised.QuantisedVectors;

/** What of a matrix was quantised as one vector. */
public enum VectorAxis {
    /** Each row. */
    ROWS,
    /** Each column. */
    COLUMNS;

    /**
     * @throws IllegalArgumentException unless these are the vectors of a matrix of this shape
     */
    void requireFits(Shape matrix, int vectors, long length) {
        Shape made = this == ROWS ? Shape.of(vectors, length) : Shape.of(length, vectors);
        if (!made.equals(matrix)) {
            throw new IllegalArgumentException(
                    "%d vectors of %d values make %s, not %s"
                            .formatted(vectors, length, made, matrix));
        }
    }

    /**
     * How many values each vector of a matrix of this shape has.
     *
     * @throws IllegalArgumentException where it is no matrix
     */
    int length(Shape matrix) {
        if (matrix.rank() != 2) {
            throw new IllegalArgumentException(matrix + " has no rows and columns");
        }
        return Math.toIntExact(matrix.dimension(this == ROWS ? 1 : 0));
    }

    FloatReader valuesOf(QuantisedVectors vectors) {
        return this == ROWS ? vectors.asRows() : vectors.asColumns();
    }
}
