package dev.espalier.benchmarks.measure;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.espalier.protocol.job.RoundView;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One run over its rounds, on validation data. */
public record Curve(List<Point> points) {

    public Curve {
        points = List.copyOf(points);
    }

    /**
     * @param accuracy on validation data; absent where this round was not evaluated
     * @param loss on validation data
     * @param perplexity on validation data, where text is continued
     * @param bytesUp of all rounds up to this one, task head apart, as the next two
     * @param macs scoring included
     */
    public record Point(
            int round,
            @Nullable Double accuracy,
            @Nullable Double loss,
            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Double perplexity,
            long bytesUp,
            long macs,
            double trainSeconds) {}

    public static Curve of(List<RoundView> rounds) {
        List<Point> points = new ArrayList<>();
        long bytesUp = 0;
        long macs = 0;
        double seconds = 0;
        for (RoundView round : rounds) {
            bytesUp += round.traffic().bytesUp() - round.traffic().taskHeadBytesUp();
            macs += round.cost().macs() + round.cost().scoringMacs();
            seconds += round.timing().training();
            RoundView.Evaluation score = round.evaluation();
            points.add(
                    new Point(
                            round.number(),
                            score == null ? null : score.accuracy(),
                            score == null ? null : score.loss(),
                            score == null ? null : score.perplexity(),
                            bytesUp,
                            macs,
                            seconds));
        }
        return new Curve(points);
    }

    /** Rounds that were evaluated with an accuracy. */
    public List<Point> evaluated() {
        return points.stream().filter(point -> point.accuracy() != null).toList();
    }

    /** The accuracy of the last evaluated round. */
    public Optional<Double> last() {
        List<Point> evaluated = evaluated();
        return evaluated.isEmpty()
                ? Optional.empty()
                : Optional.ofNullable(evaluated.getLast().accuracy());
    }

    /**
     * The first of two evaluated rounds in a row that are at the target or above it, so that a
     * lucky round is not taken for an arrival; empty if there is none.
     */
    public Optional<Point> reaches(double target) {
        List<Point> evaluated = evaluated();
        for (int i = 0; i + 1 < evaluated.size(); i++) {
            if (isAt(evaluated.get(i), target) && isAt(evaluated.get(i + 1), target)) {
                return Optional.of(evaluated.get(i));
            }
        }
        return Optional.empty();
    }

    private static boolean isAt(Point point, double target) {
        Double accuracy = point.accuracy();
        return accuracy != null && accuracy >= target;
    }
}
