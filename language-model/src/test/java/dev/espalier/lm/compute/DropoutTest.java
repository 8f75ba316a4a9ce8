package dev.espalier.lm.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DropoutTest {

    private final NDManager manager = Compute.newManager();
    private final NDArray ones = manager.ones(new Shape(333, 301));

    @AfterEach
    void free() {
        manager.close();
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.01, 0.1, 0.5, 0.9})
    void theShareThatIsDroppedIsTheProbability(double probability) {
        float[] values = Dropout.of(1, 2, 3).apply(ones, probability).toFloatArray();
        int dropped = 0;
        for (float value : values) {
            if (value == 0) {
                dropped++;
            } else {
                assertThat(value).isCloseTo((float) (1 / (1 - probability)), within(1e-5f));
            }
        }

        assertThat((double) dropped / values.length).isCloseTo(probability, within(0.005));
    }

    @Test
    void theSameNameGivesTheSameMasksAndEveryCallItsOwn() {
        Dropout one = Dropout.of(1, 2, 3);
        Dropout two = Dropout.of(1, 2, 3);

        float[] first = one.apply(ones, 0.5).toFloatArray();
        float[] second = one.apply(ones, 0.5).toFloatArray();

        assertThat(two.apply(ones, 0.5).toFloatArray()).isEqualTo(first);
        assertThat(two.apply(ones, 0.5).toFloatArray()).isEqualTo(second).isNotEqualTo(first);
    }

    @Test
    void withoutDropoutTheInputIsGivenBack() {
        assertThat(Dropout.NONE.apply(ones, 0.5)).isSameAs(ones);
        assertThat(Dropout.of(1, 2, 3).apply(ones, 0)).isSameAs(ones);
    }
}
