package dev.espalier.protocol.work;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CostTest {

    private static final Cost MOST =
            new Cost(Long.MAX_VALUE, Long.MAX_VALUE, Long.MAX_VALUE, Long.MAX_VALUE);

    @Test
    void costsAreAddedFieldByField() {
        assertThat(new Cost(1, 2, 3, 4).plus(new Cost(10, 20, 30, 40)))
                .isEqualTo(new Cost(11, 22, 33, 44));
    }

    @Test
    void aSumThatDoesNotFitIsTheLargestThereIs() {
        assertThat(MOST.plus(new Cost(1, 1, 1, 1))).isEqualTo(MOST);
        assertThat(MOST.plus(MOST)).isEqualTo(MOST);
        assertThat(MOST.plus(Cost.NONE)).isEqualTo(MOST);
    }
}
