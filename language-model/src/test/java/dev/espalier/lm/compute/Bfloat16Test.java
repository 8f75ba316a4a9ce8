package dev.espalier.lm.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Right on every processor, if slow on those that are not made for it. */
class Bfloat16Test {

    /** 8 bits of mantissa: half a unit in the last place. */
    private static final float ROUNDING = 0x1p-8f;

    @ParameterizedTest
    @CsvSource({
        "flags : fpu avx512f avx512_bf16, true",
        "flags : fpu amx_tile amx_bf16,   true",
        "flags : fpu avx2 avx512f,        false",
        "model name : avx512_bf16,        false"
    })
    void aProcessorSaysWhetherItIsMadeForIt(String line, boolean made, @TempDir Path folder)
            throws IOException {
        Path cpuinfo = Files.writeString(folder.resolve("cpuinfo"), "processor : 0\n" + line);

        assertThat(Bfloat16.supported(cpuinfo)).isEqualTo(made);
    }

    @Test
    void aSystemThatSaysNothingIsTakenForOneThatIsNotMadeForIt(@TempDir Path folder) {
        assertThat(Bfloat16.supported(folder.resolve("missing"))).isFalse();
    }

    /** y = x Wᵀ + b with numbers of a few bits, which the narrow type holds exactly. */
    @Test
    void aLinearLayerAndItsGradientAreThoseOfTheFormula() {
        try (NDManager manager = Compute.newManager();
                Gradients _ = Gradients.recorded();
                Workspace workspace = new Workspace(manager)) {
            NDArray x = array(workspace, new Shape(2, 2), 1, 2, -3, 0.5f);
            NDArray w = array(workspace, new Shape(3, 2), 1, 0, 2, -1, 0.25f, 4);
            NDArray b = array(workspace, new Shape(3), 10, 20, 30);
            x.setRequiresGradient(true);

            NDArray y =
                    Bfloat16.linear(
                            Bfloat16.narrowed(x), Bfloat16.narrowed(w), Bfloat16.narrowed(b));
            Gradients.backward(y.sum(), 1);

            assertThat(y.toFloatArray()).containsExactly(11, 20, 38.25f, 7, 13.5f, 31.25f);
            float[] gradient = new float[4];
            Gradients.take(x, gradient);
            assertThat(gradient).containsExactly(3.25f, 3, 3.25f, 3);
        }
    }

    @Test
    void aLayerStoredInputFirstIsTheOtherOneTransposed() {
        try (NDManager manager = Compute.newManager();
                Workspace workspace = new Workspace(manager)) {
            Bfloat16.Narrow x =
                    Bfloat16.narrowed(array(workspace, new Shape(2, 2), 1, 2, -3, 0.5f));
            NDArray w = array(workspace, new Shape(3, 2), 1, 0, 2, -1, 0.25f, 4);
            Bfloat16.Narrow b = Bfloat16.narrowed(array(workspace, new Shape(3), 10, 20, 30));

            float[] outputFirst = Bfloat16.linear(x, Bfloat16.narrowed(w), b).toFloatArray();
            float[] inputFirst =
                    Bfloat16.inputFirst(x, Bfloat16.narrowed(w.transpose().duplicate()), b)
                            .toFloatArray();

            assertThat(inputFirst).containsExactly(outputFirst);
        }
    }

    @Test
    void sumsAreMadeInThirtyTwoBits() {
        int many = 4096; // the narrow type alone would stop growing at 256
        try (NDManager manager = Compute.newManager();
                Workspace workspace = new Workspace(manager)) {
            NDArray ones = workspace.manager().ones(new Shape(1, many));

            float sum =
                    Bfloat16.linear(Bfloat16.narrowed(ones), Bfloat16.narrowed(ones), null)
                            .getFloat(0, 0);

            assertThat(sum).isCloseTo(many, within(many * ROUNDING));
        }
    }

    private static NDArray array(Workspace workspace, Shape shape, float... values) {
        return NativeValues.create(workspace.manager(), shape, Precision.SINGLE, values);
    }
}
