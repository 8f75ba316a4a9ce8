package dev.espalier.tensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ShapeTest {

    @Test
    void elementsAreTheProductOfTheDimensions() {
        assertThat(Shape.of(8, 384).elements()).isEqualTo(3072);
        assertThat(Shape.of().elements()).isOne();
        assertThat(Shape.of(5, 0, 3).elements()).isZero();
        assertThat(Shape.of(1L << 31, 1L << 31).elements()).isEqualTo(1L << 62);
    }

    @Test
    void aRowIsEverythingButTheFirstDimension() {
        assertThat(Shape.of(2, 3, 5).rowElements()).isEqualTo(15);
        assertThat(Shape.of(7).rowElements()).isOne();
        assertThat(Shape.of(0, 4).rowElements()).isEqualTo(4);
    }

    @Test
    void overflowAndNegativeDimensionsAreRefusedWithTheShape() {
        assertThatThrownBy(() -> Shape.of(1L << 32, 1L << 31))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("[4294967296, 2147483648]");
        assertThatThrownBy(() -> Shape.of(3, -1)).hasMessageContaining("[3, -1]");
        assertThatThrownBy(() -> Shape.of(0, Long.MAX_VALUE, 2))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Shape.of(1L << 61).bytes(DType.F32))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shapesAreValues() {
        long[] dimensions = {8, 384};
        Shape shape = Shape.of(dimensions);
        dimensions[0] = 9;

        assertThat(shape)
                .isEqualTo(Shape.of(8, 384))
                .hasSameHashCodeAs(Shape.of(8, 384))
                .hasToString("[8, 384]");
        assertThat(shape).isNotEqualTo(Shape.of(384, 8));
    }
}
