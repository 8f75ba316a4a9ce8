package dev.espalier.tensors.masked;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.espalier.tensors.DType;
import dev.espalier.tensors.FloatReader;
import dev.espalier.tensors.Shape;
import dev.espalier.tensors.masked.AnyTensors.Pictured;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class MaskedTensorTest {

    private static final Shape SHAPE = Shape.of(4, 3);

    static LongStream seeds() {
        return LongStream.range(0, 300);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void everySliceHoldsExactlyWhatTheMaskSays(long seed) {
        Random any = new Random(seed);
        Shape shape = AnyTensors.matrix(any, 40);
        Pictured one = AnyTensors.any(any, "w", shape);
        int elements = (int) shape.elements();
        MaskedSlice slice = new MaskedSlice(elements);
        for (int i = 0; i < 20; i++) {
            int from = any.nextInt(elements + 1);
            int count = any.nextInt(elements - from + 1);
            slice.load(one.tensor(), from, count);
            assertThatSliceShows(slice, one, from, count);
        }
    }

    private static void assertThatSliceShows(MaskedSlice slice, Pictured one, int from, int count) {
        float[] expected = new float[count];
        double[] expectedSums = new double[count];
        double[] expectedWeights = new double[count];
        for (int i = 0; i < count; i++) {
            expected[i] = one.mask()[from + i] ? one.values()[from + i] : Float.NaN;
            expectedSums[i] = one.mask()[from + i] ? 3.0 * one.values()[from + i] : 0;
            expectedWeights[i] = one.mask()[from + i] ? 3 : 0;
        }
        float[] copied = new float[count];
        Arrays.fill(copied, Float.NaN);
        slice.copyTo(copied);
        double[] sums = new double[count];
        double[] weights = new double[count];
        slice.addTo(sums, weights, 3.0);

        assertThat(copied).isEqualTo(expected);
        assertThat(sums).usingComparatorWithPrecision(0.0).containsExactly(expectedSums);
        assertThat(weights).isEqualTo(expectedWeights);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void contributesSaysWhatTheMaskSays(long seed) {
        Random any = new Random(seed);
        Shape shape = AnyTensors.matrix(any, 20);
        Pictured one = AnyTensors.any(any, "w", shape);

        int kept = 0;
        for (int j = 0; j < shape.elements(); j++) {
            assertThat(one.tensor().contributes(j)).isEqualTo(one.mask()[j]);
            kept += one.mask()[j] ? 1 : 0;
        }
        assertThat(one.tensor().valueCount()).isEqualTo(kept);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void normsAreThoseOfTheContributedElements(long seed) {
        Random any = new Random(seed);
        Shape shape = AnyTensors.matrix(any, 20);
        Pictured one = AnyTensors.any(any, "w", shape);
        float[] base = new float[(int) shape.elements()];
        Arrays.setAll(
                new int[base.length],
                i -> {
                    base[i] = any.nextFloat();
                    return i;
                });
        double norm = 0;
        double distance = 0;
        for (int j = 0; j < base.length; j++) {
            double value = one.mask()[j] ? one.values()[j] : 0;
            double difference = one.mask()[j] ? value - base[j] : 0;
            norm += value * value;
            distance += difference * difference;
        }

        assertThat(one.tensor().squaredNorm()).isCloseTo(norm, within(norm * 1e-12));
        assertThat(one.tensor().squaredDistance(FloatReader.of(base)))
                .isCloseTo(distance, within(distance * 1e-12));
        assertThat(one.tensor().squaredDistance(FloatReader.of(one.values()))).isZero();
        assertThat(one.tensor().firstNonFinite()).isEmpty();
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void paddedIsWhatItHoldsOverWhatLiesBeneath(long seed) {
        Random any = new Random(seed);
        Shape shape = AnyTensors.matrix(any, 100); // more than one slice of the overlay
        Pictured one = AnyTensors.any(any, "w", shape);
        float[] beneath = AnyTensors.dense(any, "w", shape).values();
        float[] expected = beneath.clone();
        for (int j = 0; j < expected.length; j++) {
            expected[j] = one.mask()[j] ? one.values()[j] : beneath[j];
        }
        int from = any.nextInt(expected.length);
        int count = any.nextInt(expected.length - from + 1);

        float[] read = new float[count + 3];
        MaskedTensor padded = one.tensor().padded(FloatReader.of(beneath));
        padded.readValues(from, read, 3, count);

        assertThat(padded.encoding()).isInstanceOf(Encoding.Dense.class);
        for (int j = 0; j < count; j++) {
            assertThat(Float.floatToRawIntBits(read[3 + j]))
                    .isEqualTo(Float.floatToRawIntBits(expected[from + j]));
        }
    }

    @Test
    void rowsOfATensorOfAnyRankAreTakenWhole() {
        MaskedTensor tensor =
                MaskedTensor.rows(
                        "w",
                        Shape.of(3, 2, 2),
                        new int[] {0, 2},
                        new float[] {1, 2, 3, 4, 5, 6, 7, 8});
        float[] full = new float[12];
        MaskedSlice slice = new MaskedSlice(12);
        slice.load(tensor, 0, 12);
        slice.copyTo(full);

        assertThat(full).containsExactly(1, 2, 3, 4, 0, 0, 0, 0, 5, 6, 7, 8);
        assertThat(tensor.packedShape()).isEqualTo(Shape.of(2, 2, 2));
    }

    @Test
    void payloadIsValuesAndTheBitmapOfTheMask() {
        Shape shape = Shape.of(768, 10);
        boolean[] half = new boolean[7680];
        Arrays.fill(half, 0, 3840, true);
        ElementMask mask = ElementMask.of(half);

        assertThat(MaskedTensor.dense("w", shape, new float[7680]).payloadBytes(DType.F32))
                .isEqualTo(30720);
        assertThat(
                        MaskedTensor.rows("w", shape, new int[] {1, 5}, new float[20])
                                .payloadBytes(DType.F16))
                .isEqualTo(2 * 10 * 2 + 96);
        assertThat(
                        MaskedTensor.columns("w", shape, new int[] {9}, new float[768])
                                .payloadBytes(DType.F32))
                .isEqualTo(768 * 4 + 2);
        assertThat(
                        MaskedTensor.cells(
                                        "w",
                                        shape,
                                        new int[] {0, 1, 2},
                                        new int[] {9},
                                        new float[3])
                                .payloadBytes(DType.F32))
                .isEqualTo(3 * 4 + 96 + 2);
        assertThat(MaskedTensor.bitmap("w", shape, mask, new float[3840]).payloadBytes(DType.BF16))
                .isEqualTo(3840 * 2 + 960);
        assertThat(MaskedTensor.maskOnly("w", shape, mask).payloadBytes(DType.F32)).isEqualTo(960);
    }

    @Test
    void aNanOrAnInfinityIsFoundWhereItLies() {
        float[] values = new float[20_000];
        values[19_999] = Float.NEGATIVE_INFINITY;
        assertThat(MaskedTensor.dense("w", Shape.of(20_000), values).firstNonFinite())
                .hasValue(19_999);
        values[3] = Float.NaN;
        assertThat(MaskedTensor.dense("w", Shape.of(20_000), values).firstNonFinite()).hasValue(3);
    }

    @Test
    void partsThatDoNotFitTheShapeAreRefused() {
        assertThatThrownBy(() -> MaskedTensor.rows("w", SHAPE, new int[] {4}, new float[3]))
                .hasMessageContaining("row index 4 is not below 4");
        assertThatThrownBy(() -> MaskedTensor.columns("w", SHAPE, new int[] {3}, new float[4]))
                .hasMessageContaining("column index 3 is not below 3");
        assertThatThrownBy(
                        () -> MaskedTensor.columns("w", Shape.of(4), new int[] {0}, new float[4]))
                .hasMessageContaining("[4]");
        assertThatThrownBy(() -> MaskedTensor.rows("w", Shape.of(), new int[] {0}, new float[1]))
                .hasMessageContaining("[]");
        assertThatThrownBy(() -> MaskedTensor.rows("w", SHAPE, new int[] {1}, new float[4]))
                .hasMessageContaining("4 values where [1, 3] has 3");
        assertThatThrownBy(
                        () -> MaskedTensor.bitmap("w", SHAPE, ElementMask.of(true), new float[1]))
                .hasMessageContaining("bitmap of 1 elements");
    }

    @Test
    void indicesAscendStrictly() {
        assertThatThrownBy(() -> IndexSet.of(1, 1)).hasMessageContaining("twice");
        assertThatThrownBy(() -> IndexSet.of(2, 1)).hasMessageContaining("ascending");
        assertThatThrownBy(() -> IndexSet.of(-1)).hasMessageContaining("negative");
        assertThat(IndexSet.of(0, 3))
                .isEqualTo(IndexSet.of(0, 3))
                .hasSameHashCodeAs(IndexSet.of(0, 3));
    }

    @Test
    void bitsCountFromTheLeastSignificant() {
        ElementMask mask =
                ElementMask.of(true, false, false, false, false, false, false, false, false, true);

        assertThat(mask.bytes().toArray(ValueLayout.JAVA_BYTE)).containsExactly(1, 2);
        assertThat(mask.kept()).isEqualTo(2);
    }

    @Test
    void strayBitsAndWrongLengthsAreRefused() {
        assertThatThrownBy(() -> ElementMask.of(MemorySegment.ofArray(new byte[] {0, 4}), 10))
                .hasMessageContaining("after the last of 10");
        assertThatThrownBy(() -> ElementMask.of(MemorySegment.ofArray(new byte[3]), 10))
                .hasMessageContaining("not 3");
    }

    @Test
    void aMaskAloneHasNoValuesUntilItIsGivenThem() {
        MaskedTensor tensor = MaskedTensor.maskOnly("w", Shape.of(2), ElementMask.of(true, false));

        assertThatThrownBy(() -> new MaskedSlice(2).load(tensor, 0, 2))
                .isInstanceOf(IllegalStateException.class);
        assertThat(tensor.withOwnValues(FloatReader.of(3, 4)).squaredNorm()).isEqualTo(9);
        assertThatThrownBy(() ->
                        MaskedTensor.dense("w", Shape.of(1), new float[1])
                                .withOwnValues(FloatReader.zeros()))
                .isInstanceOf(IllegalStateException.class);
    }
}
