package dev.espalier.lm.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class ConfusionMatrixTest {

    /** The example of scikit-learn's documentation of f1_score: 0.26666... */
    @Test
    void macroF1IsThatOfScikitLearn() {
        ConfusionMatrix matrix =
                ConfusionMatrix.of(3, new int[] {0, 1, 2, 0, 1, 2}, new int[] {0, 2, 1, 0, 0, 1});

        assertThat(matrix.macroF1()).isCloseTo(0.26666666666666666, within(1e-15));
        assertThat(matrix.accuracy()).isCloseTo(1.0 / 3, within(1e-15));
        assertThat(matrix.count(1, 2)).isEqualTo(1);
        assertThat(matrix.examples()).isEqualTo(6);
    }

    @Test
    void aClassThatIsNeitherThereNorPredictedDoesNotCount() {
        int[] labels = {0, 1, 1};

        assertThat(ConfusionMatrix.of(9, labels, labels).macroF1()).isEqualTo(1);
    }

    @Test
    void aClassThatIsNeverFoundCountsAsZero() {
        assertThat(ConfusionMatrix.of(2, new int[] {0, 0, 1}, new int[] {0, 0, 0}).macroF1())
                .isCloseTo(0.4, within(1e-15));
    }

    @Test
    void predictionsForOtherExamplesAreRefused() {
        assertThatThrownBy(() -> ConfusionMatrix.of(2, new int[1], new int[2]))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
