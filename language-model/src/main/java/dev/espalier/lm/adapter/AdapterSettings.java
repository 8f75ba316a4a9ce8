package dev.espalier.lm.adapter;

import dev.espalier.lm.family.LinearLayer;
import dev.espalier.lm.family.ModelStructure;
import java.util.List;

/**
 * The form of an adapter: {@code y = x Wᵀ + b + (alpha / rank) · dropout(x) Aᵀ Bᵀ} on every target,
 * with A [rank, in] and B [out, rank].
 *
 * <p>One that holds only some components of a larger one keeps that one's scale, so that a
 * component means the same in both (algorithms.md B.4, truncation).
 *
 * @param rank 1 or more
 * @param wholeRank of the adapter that it was cut from, by which alpha is divided; else as rank
 * @param alpha above 0
 * @param dropout probability that an input of A is dropped in training, in [0, 1)
 */
public record AdapterSettings(
        int rank,
        int wholeRank,
        double alpha,
        double dropout,
        TargetModules targets,
        TaskHead head) {

    public AdapterSettings {
        if (rank < 1) {
            throw new IllegalArgumentException("rank must be at least 1: " + rank);
        }
        if (rank > wholeRank) {
            throw new IllegalArgumentException(
                    "a rank of %d cannot be cut from %d".formatted(rank, wholeRank));
        }
        if (!(alpha > 0 && alpha < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("alpha must be above 0: " + alpha);
        }
        if (!(dropout >= 0 && dropout < 1)) {
            throw new IllegalArgumentException("dropout must be in [0, 1): " + dropout);
        }
    }

    /** Of an adapter that is whole. */
    public AdapterSettings(
            int rank, double alpha, double dropout, TargetModules targets, TaskHead head) {
        this(rank, rank, alpha, dropout, targets, head);
    }

    /**
     * The form of an adapter with so many of these components, scaled as they are here to the last
     * bit; {@link AdapterPart#ofComponents} takes its values.
     *
     * @throws IllegalArgumentException unless there are 1 to rank
     */
    public AdapterSettings truncated(int components) {
        if (components > rank) {
            throw new IllegalArgumentException(
                    "there are only %d components, not %d".formatted(rank, components));
        }
        return new AdapterSettings(components, wholeRank, alpha, dropout, targets, head);
    }

    /** Whether it holds only some components of a larger one. */
    public boolean isTruncated() {
        return rank < wholeRank;
    }

    /** What the detour is multiplied with: alpha / rank, the rank of the whole adapter. */
    public double scaling() {
        return alpha / wholeRank;
    }

    /** Names of the classes that the adapted model tells apart. */
    public List<String> labels(ModelStructure base) {
        return switch (head) {
            case TaskHead.Trained trained -> trained.labels();
            case TaskHead.Frozen frozen -> base.labels();
        };
    }

    /** The layers of the head that are trained along; none if it is frozen. */
    List<LinearLayer> trainedHead(ModelStructure base) {
        return switch (head) {
            case TaskHead.Trained trained -> base.taskHead(trained.labels().size());
            case TaskHead.Frozen frozen -> List.of();
        };
    }
}
