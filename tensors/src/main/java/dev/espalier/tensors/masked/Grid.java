package dev.espalier.tensors.masked;

import dev.espalier.tensors.Shape;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Some rows crossed with some runs of columns: what {@code Dense}, {@code Rows}, {@code Columns}
 * and {@code Cells} have in common. A tensor of any rank is seen as [rows, elements per row].
 */
final class Grid {

    private static final int SHORT_RUN = 16;

    private final @Nullable IndexSet rows;
    private final long rowElements;
    private final long keptPerRow;

    /** Neighbouring columns are one run: run {@code i} is {@code [runStart[i], runEnd[i])}. */
    private final long[] runStart;

    private final long[] runEnd;

    private final @Nullable IndexSet columns;

    /**
     * @param rows null for all
     * @param columns null for all
     */
    Grid(Shape full, @Nullable IndexSet rows, @Nullable IndexSet columns) {
        this.rows = rows;
        this.columns = columns;
        this.rowElements = full.rowElements();
        this.keptPerRow = columns == null ? rowElements : columns.size();
        int runs = columns == null ? 1 : countRuns(columns);
        this.runStart = new long[runs];
        this.runEnd = new long[runs];
        fillRuns();
    }

    /** How many kept elements come before {@code flat}. */
    long rank(long flat) {
        if (rowElements == 0) {
            return 0;
        }
        long row = flat / rowElements;
        long before = rowsBefore(row) * keptPerRow;
        return keepsRow(row) ? before + columnsBefore(flat % rowElements) : before;
    }

    boolean keeps(long flat) {
        return keepsRow(flat / rowElements)
                && (columns == null || columns.contains(flat % rowElements));
    }

    /**
     * Hands the kept runs within {@code [from, from + count)} to {@code slice}, in order, counted
     * from {@code from}.
     */
    void runs(long from, int count, MaskedSlice slice) {
        long to = from + count;
        for (long row = firstRow(from); row >= 0 && row * rowElements < to; row = nextRow(row)) {
            long start = row * rowElements;
            int run = start < from ? runAt(from - start) : 0;
            for (; run < runStart.length && start + runStart[run] < to; run++) {
                long first = Math.max(start + runStart[run], from);
                long end = Math.min(start + runEnd[run], to);
                slice.addRun((int) (first - from), (int) (end - first));
            }
        }
    }

    /** Whether runs are so short that single positions cost less. */
    boolean isScattered() {
        return columns != null && keptPerRow < (long) SHORT_RUN * runStart.length;
    }

    /**
     * The kept elements within {@code [from, from + count)}, of a grid that is scattered.
     *
     * @param positions receives them, counted from {@code from}
     * @return how many
     */
    int positions(long from, int count, int[] positions) {
        IndexSet kept = Objects.requireNonNull(columns);
        long to = from + count;
        int found = 0;
        for (long row = firstRow(from); row >= 0 && row * rowElements < to; row = nextRow(row)) {
            long start = row * rowElements;
            int first = start < from ? kept.lowerBound(from - start) : 0;
            int end = start + rowElements > to ? kept.lowerBound(to - start) : kept.size();
            for (int i = first; i < end; i++) {
                positions[found++] = (int) (start - from + kept.at(i));
            }
        }
        return found;
    }

    private long firstRow(long from) {
        long row = from / rowElements;
        return keepsRow(row) ? row : nextRow(row);
    }

    /** The next kept row, or -1. */
    private long nextRow(long row) {
        if (rows == null) {
            return row + 1;
        }
        int place = rows.lowerBound(row + 1);
        return place == rows.size() ? -1 : rows.at(place);
    }

    /** The first run that ends after {@code column}. */
    private int runAt(long column) {
        int low = 0;
        int high = runEnd.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (runEnd[middle] > column) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    private long rowsBefore(long row) {
        return rows == null ? row : rows.lowerBound(row);
    }

    private boolean keepsRow(long row) {
        return rows == null || rows.contains(row);
    }

    private long columnsBefore(long column) {
        return columns == null ? column : columns.lowerBound(column);
    }

    private void fillRuns() {
        if (columns == null) {
            runEnd[0] = rowElements;
            return;
        }
        int run = -1;
        for (int i = 0; i < columns.size(); i++) {
            if (startsRun(columns, i)) {
                runStart[++run] = columns.at(i);
            }
            runEnd[run] = columns.at(i) + 1L;
        }
    }

    private static int countRuns(IndexSet columns) {
        int runs = 0;
        for (int i = 0; i < columns.size(); i++) {
            runs += startsRun(columns, i) ? 1 : 0;
        }
        return runs;
    }

    private static boolean startsRun(IndexSet columns, int i) {
        return i == 0 || columns.at(i) != columns.at(i - 1) + 1;
    }
}
