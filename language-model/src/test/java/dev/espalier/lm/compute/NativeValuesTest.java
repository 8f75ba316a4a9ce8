package dev.espalier.lm.compute;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class NativeValuesTest {

    private static final float[] VALUES = {1, -2, 3.5f, 0, Float.MIN_VALUE, 1e30f};

    @ParameterizedTest
    @EnumSource(Precision.class)
    void aWayThroughACopyReadsWhatTheDirectWayWrote(Precision precision) {
        try (NDManager manager = Compute.newManager()) {
            NDArray array = NativeValues.create(manager, new Shape(2, 3), precision, VALUES);
            float[] read = new float[VALUES.length];

            NativeValues.readThroughCopy(array, read);

            assertThat(read).containsExactly(VALUES);
        }
    }

    /** As parameters on a GPU are overwritten: in place, where the optimiser's handle points. */
    @ParameterizedTest
    @EnumSource(Precision.class)
    void aWayThroughACopyOverwritesAParameterInPlace(Precision precision) {
        try (NDManager manager = Compute.newManager();
                Gradients _ = Gradients.recorded()) {
            NDArray parameter =
                    NativeValues.create(
                            manager, new Shape(2, 3), precision, new float[VALUES.length]);
            parameter.setRequiresGradient(true);

            NativeValues.writeThroughCopy(VALUES, parameter);

            float[] read = new float[VALUES.length];
            NativeValues.read(parameter, read);
            assertThat(read).containsExactly(VALUES);
            Gradients.backward(parameter.mul(parameter).sum(), 1);
            Gradients.take(parameter, read);
            assertThat(read[2]).isEqualTo(2 * VALUES[2]);
        }
    }

    @Test
    void copiesOnTheWayLeaveNothingBehind() {
        try (NDManager manager = Compute.newManager()) {
            NDArray array = NativeValues.create(manager, new Shape(6), Precision.SINGLE, VALUES);
            int before = manager.getManagedArrays().size();

            NativeValues.writeThroughCopy(VALUES, array);
            NativeValues.readThroughCopy(array, new float[VALUES.length]);

            assertThat(manager.getManagedArrays()).hasSize(before);
        }
    }
}
