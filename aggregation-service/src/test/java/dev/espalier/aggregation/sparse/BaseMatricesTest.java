package dev.espalier.aggregation.sparse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.aggregation.LayeredModel;
import dev.espalier.problem.ProblemException;
import dev.espalier.protocol.model.ModelStructure;
import dev.espalier.protocol.model.ModelStructure.Linear;
import dev.espalier.protocol.problem.ProblemType;
import dev.espalier.tensors.DType;
import dev.espalier.tensors.Shape;
import dev.espalier.tensors.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BaseMatricesTest {

    private static final Linear FIRST = new Linear("net.a.fc", 3, 2, true, 0);
    private static final Linear SECOND = new Linear("net.b.fc", 3, 2, true, 1);

    @TempDir Path folder;

    @ParameterizedTest(name = "prefix \"{0}\"")
    @ValueSource(strings = {"", "net."})
    void areNamedAsInTheWeights(String held) throws IOException {
        Path file = folder.resolve("base");
        new SafetensorsWriter()
                .floats(held + "a.fc.weight", Shape.of(2, 3), new float[6])
                .floats(held + "a.fc.bias", Shape.of(2), new float[2])
                .floats(held + "b.fc.weight", Shape.of(2, 3), new float[6])
                .write(file);

        BaseMatrices matrices = BaseMatrices.of(structure("tiny"), List.of(file));

        assertThat(matrices.names()).containsExactly(held + "a.fc.weight", held + "b.fc.weight");
        assertThat(matrices.of(List.of(1)))
                .containsExactly(new BaseMatrices.Matrix(held + "b.fc.weight", 1, 2, 3, false));
        assertThat(matrices.of(List.of())).isEmpty();
    }

    @Test
    void mayLieInSeveralFilesAndTheOtherWayRound() throws IOException {
        new SafetensorsWriter()
                .floats("a.fc.weight", DType.F16, Shape.of(3, 2), new float[6])
                .write(folder.resolve("one"));
        new SafetensorsWriter()
                .floats("b.fc.weight", DType.F16, Shape.of(3, 2), new float[6])
                .write(folder.resolve("two"));

        BaseMatrices matrices =
                BaseMatrices.of(
                        structure("gpt2"), List.of(folder.resolve("one"), folder.resolve("two")));

        BaseMatrices.Matrix matrix = matrices.of(List.of(0)).getFirst();
        assertThat(matrix.shape()).isEqualTo(Shape.of(3, 2));
        assertThat(matrix.elements()).isEqualTo(6);
        assertThat(matrix.index(1, 2)).as("output 1, input 2 of [3, 2]").isEqualTo(5);
        assertThat(matrix.index(0, 2)).isEqualTo(4);
    }

    @Test
    void anotherShapeIsNoBaseOfThisStructure() throws IOException {
        new SafetensorsWriter()
                .floats("a.fc.weight", Shape.of(2, 3), new float[6])
                .floats("b.fc.weight", Shape.of(3, 2), new float[6])
                .write(folder.resolve("base"));

        assertMisfit(structure("tiny"), "b.fc.weight");
    }

    @Test
    void whatHoldsNoFloatsCannotBePruned() throws IOException {
        new SafetensorsWriter()
                .floats("a.fc.weight", Shape.of(2, 3), new float[6])
                .longs("b.fc.weight", Shape.of(2, 3), new long[6])
                .write(folder.resolve("base"));

        assertMisfit(structure("tiny"), "b.fc.weight");
    }

    @Test
    void aMissingMatrixIsNamed() throws IOException {
        new SafetensorsWriter()
                .floats("a.fc.weight", Shape.of(2, 3), new float[6])
                .write(folder.resolve("base"));

        assertMisfit(structure("tiny"), "net.a.fc.weight");
    }

    @Test
    void aLinearOutsideOfAllLayersIsNamed() throws IOException {
        new SafetensorsWriter()
                .floats("a.fc.weight", Shape.of(2, 3), new float[6])
                .write(folder.resolve("base"));

        assertMisfit(
                LayeredModel.structure("tiny", List.of(new Linear("net.a.fc", 3, 2, true))),
                "net.a.fc");
    }

    private void assertMisfit(ModelStructure structure, String reason) {
        assertThatThrownBy(() -> BaseMatrices.of(structure, List.of(folder.resolve("base"))))
                .hasMessageContaining(reason)
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        e -> assertThat(e.type()).isEqualTo(ProblemType.MODEL_DOES_NOT_FIT));
    }

    private static ModelStructure structure(String family) {
        return LayeredModel.structure(family, List.of(FIRST, SECOND));
    }
}
