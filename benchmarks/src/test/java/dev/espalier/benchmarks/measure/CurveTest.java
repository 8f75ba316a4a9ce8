package dev.espalier.benchmarks.measure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.benchmarks.experiment.Rounds;
import dev.espalier.protocol.job.RoundView;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CurveTest {

    @Test
    void aTargetIsReachedAtTheFirstOfTwoEvaluationsInARow() {
        Curve curve = curve(0.1, 0.6, 0.4, 0.5, 0.5, 0.7);

        assertThat(curve.reaches(0.5).orElseThrow().round()).isEqualTo(4);
        assertThat(curve.reaches(0.7)).isEmpty();
    }

    @Test
    void roundsThatWereNotEvaluatedStandBetweenNobody() {
        Curve curve = curve(0.1, null, 0.6, null, 0.6);

        Curve.Point arrival = curve.reaches(0.6).orElseThrow();

        assertThat(arrival.round()).isEqualTo(3);
        assertThat(arrival.bytesUp()).isEqualTo(270);
        assertThat(arrival.macs()).isEqualTo(3 * (1000 + 50));
        assertThat(arrival.trainSeconds()).isEqualTo(6);
    }

    @Test
    void theLastAccuracyIsThatOfTheLastEvaluation() {
        assertThat(curve(0.1, 0.3, null).last()).contains(0.3);
        assertThat(curve(null, null).last()).isEmpty();
    }

    private static Curve curve(Double... accuracies) {
        List<RoundView> rounds =
                IntStream.range(0, accuracies.length)
                        .mapToObj(i -> Rounds.ended(i + 1, accuracies[i], null))
                        .toList();
        return Curve.of(rounds);
    }
}
