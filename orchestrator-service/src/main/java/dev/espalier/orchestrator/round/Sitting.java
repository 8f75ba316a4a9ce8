package dev.espalier.orchestrator.round;

import dev.espalier.orchestrator.assignment.Piece;
import dev.espalier.protocol.job.RoundView.Evaluation;
import dev.espalier.protocol.work.Outcome;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The evaluation of what a round made on one data set by all who hold it.
 *
 * @param examined the version, or one of each client where nothing was combined; never empty
 * @param pieces of work on it; none while nobody has been asked
 */
record Sitting(Exam exam, List<Examined> examined, List<Piece> pieces) {

    static Sitting of(Exam exam, Round round, List<Piece> pieces) {
        return new Sitting(
                exam,
                Examined.of(round),
                pieces.stream().filter(piece -> piece.kind() == exam.kind()).toList());
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

    /** What came, each version by itself; those of which nothing came are not in it. */
    List<Result> results() {
        List<Result> results = new ArrayList<>();
        for (Examined one : examined) {
            List<Evaluations.Answer> answers = answers(one);
            if (!answers.isEmpty()) {
                results.add(new Result(one, Evaluations.weightedMean(answers)));
            }
        }
        return results;
    }

    /**
     * @param evaluation by all who answered
     */
    record Result(Examined examined, Evaluation evaluation) {}

    private List<Evaluations.Answer> answers(Examined one) {
        List<Evaluations.Answer> answers = new ArrayList<>();
        for (Piece piece : pieces) {
            if (one.version().equals(piece.subject())
                    && piece.outcome() instanceof Outcome.Evaluated told) {
                answers.add(new Evaluations.Answer(piece.agent(), told));
            }
        }
        return answers;
    }

    /** The mean of what came; null where nothing did. */
    @Nullable Evaluation result() {
        List<Result> results = results();
        if (results.isEmpty()) {
            return null;
        }
        return isOfClients()
                ? Evaluations.meanOverVersions(results)
                : results.getFirst().evaluation();
    }

    /** Each client's own version is evaluated. */
    boolean isOfClients() {
        return examined.getFirst().client() != null;
    }

    /** What is evaluated, for people. */
    String inWords() {
        return isOfClients()
                ? "each of the %d clients' own versions".formatted(examined.size())
                : examined.getFirst().version().toString();
    }

    /** What is missing of what was wanted; null where nothing is. */
    @Nullable String remark(Instant evaluateBy) {
        List<Result> results = results();
        if (results.isEmpty()) {
            return whyNot(evaluateBy);
        }
        List<Examined> told = results.stream().map(Result::examined).toList();
        String missing =
                examined.stream()
                        .filter(one -> !told.contains(one))
                        .map(one -> one.version().toString())
                        .collect(Collectors.joining(", "));
        return missing.isEmpty() ? null : "no result on '%s' of %s".formatted(exam.data(), missing);
    }

    /** Why nothing came. */
    String whyNot(Instant evaluateBy) {
        String where =
                exam.kind() == Piece.Kind.EVALUATE
                        ? "not evaluated: "
                        : "not evaluated on '" + exam.data() + "': ";
        return where
                + (isUnasked()
                        ? "no agent evaluated it by " + evaluateBy
                        : pieces.stream()
                                .map(piece -> piece.agent() + " " + whyNot(piece, evaluateBy))
                                .distinct()
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
