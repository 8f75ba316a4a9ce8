package dev.espalier.orchestrator.round;

import dev.espalier.orchestrator.assignment.Piece;
import dev.espalier.protocol.DataName;
import dev.espalier.protocol.job.RoundView.Evaluation;
import dev.espalier.protocol.work.Outcome;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The evaluation of a version on one data set by all who hold it.
 *
 * @param kind EVALUATE, or EVALUATE_FINALLY for data that only the last version is shown
 * @param pieces of that kind; none while nobody has been asked
 */
record Sitting(Piece.Kind kind, DataName data, List<Piece> pieces) {

    boolean isFinal() {
        return kind == Piece.Kind.EVALUATE_FINALLY;
    }

    boolean isUnasked() {
        return pieces.isEmpty();
    }

    boolean isOver() {
        return !isUnasked() && outstanding().isEmpty();
    }

    List<Piece> outstanding() {
        return pieces.stream().filter(Piece::isOutstanding).toList();
    }

    /** The mean of what came; null where nothing did. */
    @Nullable Evaluation result() {
        List<Outcome.Evaluated> results =
                pieces.stream()
                        .map(Piece::outcome)
                        .filter(Outcome.Evaluated.class::isInstance)
                        .map(Outcome.Evaluated.class::cast)
                        .toList();
        return results.isEmpty() ? null : Evaluations.weightedMean(results);
    }

    /** Why nothing came. */
    String whyNot(Instant evaluateBy) {
        String where = isFinal() ? "not evaluated on '" + data + "': " : "not evaluated: ";
        return where
                + (isUnasked()
                        ? "no agent evaluated it by " + evaluateBy
                        : pieces.stream()
                                .map(piece -> piece.agent() + " " + whyNot(piece, evaluateBy))
                                .collect(Collectors.joining("; ")));
    }

    private static String whyNot(Piece piece, Instant evaluateBy) {
        if (piece.outcome() instanceof Outcome.Failed failed) {
            return "failed: " + failed.reason();
        }
        return piece.reason() == null
                ? "did not answer by " + evaluateBy
                : "left: " + piece.reason();
    }
}
