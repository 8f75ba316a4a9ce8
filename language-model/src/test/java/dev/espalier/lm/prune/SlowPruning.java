package dev.espalier.lm.prune;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The pruners as their papers write them, one matrix at a time and without any cleverness: the
 * specification of the fast ones. Rows are outputs.
 *
 * @param x [tokens][in], all tokens of all sequences
 */
record SlowPruning(double[][] x, int sequences, PruningSettings settings) {

    /** The weights afterwards; NaN where dropped, which no weight is. */
    double[][] prune(double[][] w) {
        return switch (settings.pruner()) {
            case Pruner.Magnitude _ -> ranked(w, (o, i) -> Math.abs(w[o][i]), false);
            case Pruner.Wanda _ -> ranked(w, (o, i) -> Math.abs(w[o][i]) * norm(i), true);
            case Pruner.SparseGpt own -> sparseGpt(w, own);
        };
    }

    private interface Score {
        double of(int row, int column);
    }

    private double norm(int input) {
        double sum = 0;
        for (double[] token : x) {
            sum += token[input] * token[input];
        }
        return Math.sqrt(sum);
    }

    private double[][] ranked(double[][] w, Score score, boolean perRow) {
        double[][] pruned = copy(w);
        for (List<int[]> rivals : rivals(w, perRow)) {
            rivals.sort(Comparator.comparingDouble(place -> score.of(place[0], place[1])));
            for (int[] place : rivals.subList(0, wanted(rivals.size()))) {
                pruned[place[0]][place[1]] = Double.NaN;
            }
        }
        return pruned;
    }

    /** Places that are compared with each other. */
    private List<List<int[]>> rivals(double[][] w, boolean perRow) {
        int group =
                settings.sparsity() instanceof Sparsity.InGroups groups
                        ? groups.size()
                        : perRow ? w[0].length : w.length * w[0].length;
        List<List<int[]>> all = new ArrayList<>();
        for (int i = 0; i < w.length * w[0].length; i++) {
            if (i % group == 0) {
                all.add(new ArrayList<>());
            }
            all.getLast().add(new int[] {i / w[0].length, i % w[0].length});
        }
        return all;
    }

    private int wanted(int of) {
        return switch (settings.sparsity()) {
            case Sparsity.Unstructured share -> share.dropped(of);
            case Sparsity.InGroups groups -> groups.dropped();
        };
    }

    private double[][] sparseGpt(double[][] dense, Pruner.SparseGpt own) {
        double[][] h = hessian();
        double[][] w = copy(dense);
        boolean[][] gone = new boolean[w.length][w[0].length];
        int in = w[0].length;
        double mean = 0;
        for (int j = 0; j < in; j++) {
            if (h[j][j] == 0) {
                h[j][j] = 1;
                for (int o = 0; o < w.length; o++) {
                    w[o][j] = 0;
                    gone[o][j] = true;
                }
            }
            mean += h[j][j] / in;
        }
        for (int j = 0; j < in; j++) {
            h[j][j] += own.damping() * mean;
        }
        double[][] u = upperFactor(inverse(h));
        for (int from = 0; from < in; from += own.blockColumns()) {
            block(w, gone, u, from, Math.min(from + own.blockColumns(), in));
        }
        for (int o = 0; o < w.length; o++) {
            for (int j = 0; j < in; j++) {
                w[o][j] = gone[o][j] ? Double.NaN : w[o][j];
            }
        }
        return w;
    }

    /** Errors are carried to later blocks when the block is done. */
    private void block(double[][] w, boolean[][] gone, double[][] u, int from, int to) {
        if (settings.sparsity() instanceof Sparsity.Unstructured share) {
            int wanted =
                    share.dropped((long) w.length * to) - share.dropped((long) w.length * from);
            choose(w, gone, u, IntStream.range(0, w.length).toArray(), from, to, wanted);
        }
        double[][] errors = new double[w.length][to - from];
        for (int j = from; j < to; j++) {
            if (settings.sparsity() instanceof Sparsity.InGroups groups && j % groups.size() == 0) {
                for (int o = 0; o < w.length; o++) {
                    choose(w, gone, u, new int[] {o}, j, j + groups.size(), groups.dropped());
                }
            }
            for (int o = 0; o < w.length; o++) {
                double left = gone[o][j] ? 0 : w[o][j];
                errors[o][j - from] = (w[o][j] - left) / u[j][j];
                for (int k = j; k < to; k++) {
                    w[o][k] -= errors[o][j - from] * u[j][k];
                }
            }
        }
        for (int o = 0; o < w.length; o++) {
            for (int k = to; k < u.length; k++) {
                for (int j = from; j < to; j++) {
                    w[o][k] -= errors[o][j - from] * u[j][k];
                }
            }
        }
    }

    private static void choose(
            double[][] w,
            boolean[][] gone,
            double[][] u,
            int[] rows,
            int from,
            int to,
            int wanted) {
        List<int[]> rivals = new ArrayList<>();
        for (int o : rows) {
            for (int j = from; j < to; j++) {
                rivals.add(new int[] {o, j});
            }
        }
        rivals.sort(
                Comparator.comparingDouble(place -> {
                    double weight = w[place[0]][place[1]];
                    double d = u[place[1]][place[1]];
                    return weight * weight / (d * d);
                }));
        rivals.subList(0, wanted).forEach(place -> gone[place[0]][place[1]] = true);
    }

    private double[][] hessian() {
        int in = x[0].length;
        double[][] h = new double[in][in];
        for (double[] token : x) {
            for (int i = 0; i < in; i++) {
                for (int j = 0; j < in; j++) {
                    h[i][j] += 2.0 / sequences * token[i] * token[j];
                }
            }
        }
        return h;
    }

    /** Gauss and Jordan, of a positive definite matrix. */
    static double[][] inverse(double[][] h) {
        int n = h.length;
        double[][] left = copy(h);
        double[][] right = new double[n][n];
        for (int i = 0; i < n; i++) {
            right[i][i] = 1;
        }
        for (int p = 0; p < n; p++) {
            double pivot = left[p][p];
            for (int j = 0; j < n; j++) {
                left[p][j] /= pivot;
                right[p][j] /= pivot;
            }
            for (int i = 0; i < n; i++) {
                double factor = left[i][p];
                for (int j = 0; j < n && i != p; j++) {
                    left[i][j] -= factor * left[p][j];
                    right[i][j] -= factor * right[p][j];
                }
            }
        }
        return right;
    }

    /** Cholesky: U with {@code Uᵀ U = a}. */
    static double[][] upperFactor(double[][] a) {
        int n = a.length;
        double[][] u = new double[n][n];
        for (int i = 0; i < n; i++) {
            for (int j = i; j < n; j++) {
                double sum = a[i][j];
                for (int k = 0; k < i; k++) {
                    sum -= u[k][i] * u[k][j];
                }
                u[i][j] = i == j ? Math.sqrt(sum) : sum / u[i][i];
            }
        }
        return u;
    }

    private static double[][] copy(double[][] rows) {
        double[][] copy = new double[rows.length][];
        for (int i = 0; i < rows.length; i++) {
            copy[i] = rows[i].clone();
        }
        return copy;
    }
}
