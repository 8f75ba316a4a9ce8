package dev.espalier.aggregation.combine;

import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.decomposition.qr.QRDecompositionHouseholderColumn_DDRM;

/**
 * {@code M = Q R} by Householder reflections, M [rows, columns], R [m, columns] with m the smaller
 * of the two. Q is kept as reflections and applied to vectors, so a few of its combinations cost
 * little. Columns may depend on each other, or be zero.
 */
final class ThinQr {

    /** Elements of a matrix. */
    @FunctionalInterface
    interface Elements {
        double at(int row, int column);
    }

    private final int rows;
    private final QRDecompositionHouseholderColumn_DDRM reflections;

    ThinQr(int rows, int columns, Elements elements) {
        this.rows = rows;
        DMatrixRMaj matrix = new DMatrixRMaj(rows, columns);
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                matrix.unsafe_set(row, column, elements.at(row, column));
            }
        }
        // the plain class, never its sibling with threads
        reflections = new QRDecompositionHouseholderColumn_DDRM();
        reflections.decompose(matrix); // false says that columns depend, which is no fault here
    }

    /** [m, columns]. */
    DMatrixRMaj r() {
        return reflections.getR(null, true);
    }

    /**
     * {@code Q x}.
     *
     * @param x [m]
     * @return [rows]
     */
    double[] timesQ(double[] x) {
        double[] y = Arrays.copyOf(x, rows);
        for (int j = x.length - 1; j >= 0; j--) {
            double[] u = reflections.getQR()[j]; // 1 stands for u[j], where R has its diagonal
            double dot = y[j];
            for (int i = j + 1; i < rows; i++) {
                dot += u[i] * y[i];
            }
            double factor = reflections.getGammas()[j] * dot;
            y[j] -= factor;
            for (int i = j + 1; i < rows; i++) {
                y[i] -= factor * u[i];
            }
        }
        return y;
    }
}
