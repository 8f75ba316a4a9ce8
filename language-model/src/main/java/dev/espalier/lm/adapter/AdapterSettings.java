package dev.espalier.lm.adapter;

import dev.espalier.lm.family.LinearLayer;
import dev.espalier.lm.family.ModelStructure;
import java.util.List;

/**
 * The form of an adapter: {@code y = x Wᵀ + b + (alpha / rank) · dropout(x) Aᵀ Bᵀ} on every target,
 * with A [rank, in] and B [out, rank].
 *
 * @param rank 1 or more
 * @param alpha above 0
 * @param dropout probability that an input of A is dropped in training, in [0, 1)
 */
public record AdapterSettings(
        int rank, double alpha, double dropout, TargetModules targets, TaskHead head) {

    public AdapterSettings {
        if (rank < 1) {
            throw new IllegalArgumentException("rank must be at least 1: " + rank);
        }
        if (!(alpha > 0 && alpha < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("alpha must be above 0: " + alpha);
        }
        if (!(dropout >= 0 && dropout < 1)) {
            throw new IllegalArgumentException("dropout must be in [0, 1): " + dropout);
        }
    }

    /** What the detour is multiplied with: alpha / rank. */
    public double scaling() {
        return alpha / rank;
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
