package dev.espalier.tensors.masked;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.tensors.DType;
import dev.espalier.tensors.FloatReader;
import dev.espalier.tensors.Shape;
import dev.espalier.tensors.quantised.Precision;
import dev.espalier.tensors.quantised.QuantisedVectors;
import dev.espalier.tensors.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class QuantisedUpdateTest {

    private static final Shape SHAPE = Shape.of(4, 3);

    @TempDir Path folder;

    static LongStream seeds() {
        return LongStream.range(0, 100);
    }

    /** The receiver has no other way to the values than by row and column, so that is compared. */
    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void everyValueComesBackInItsPlace(long seed) throws IOException {
        Random any = new Random(seed);
        Shape shape = Shape.of(1 + any.nextInt(6), 1 + any.nextInt(6));
        int[] rows = some(any, (int) shape.dimension(0));
        int[] columns = some(any, (int) shape.dimension(1));
        VectorAxis axis = VectorAxis.values()[any.nextInt(2)];
        int count = axis == VectorAxis.ROWS ? rows.length : columns.length;
        int length = axis == VectorAxis.ROWS ? columns.length : rows.length;
        List<Precision> precisions = Collections.nCopies(count, Precision.F32);
        float[] vectors = new float[count * length];
        for (int i = 0; i < vectors.length; i++) {
            vectors[i] = 1 + i;
        }
        Encoding encoding = encoding(any, shape, rows, columns);
        Path file = folder.resolve("update");
        UpdateFile.write(
                file,
                Map.of(),
                List.of(
                        MaskedTensor.quantised(
                                "w",
                                shape,
                                encoding,
                                axis,
                                QuantisedVectors.encode(vectors, length, precisions))),
                DType.F32);

        try (UpdateFile read = UpdateFile.open(file)) {
            assertThat(read.valueType("w")).contains(DType.U8);
            MaskedTensor tensor = read.quantised("w", shape, axis, precisions);
            assertThat(tensor.valueBytes(DType.F32)).isEqualTo(4L * vectors.length);
            float[] whole = whole(tensor);
            for (int r = 0; r < rows.length; r++) {
                for (int c = 0; c < columns.length; c++) {
                    int vector = axis == VectorAxis.ROWS ? r : c;
                    int place = axis == VectorAxis.ROWS ? c : r;
                    assertThat(whole[(int) (rows[r] * shape.dimension(1) + columns[c])])
                            .isEqualTo(vectors[vector * length + place]);
                }
            }
        }
    }

    private static Encoding encoding(Random any, Shape shape, int[] rows, int[] columns) {
        boolean allRows = rows.length == shape.dimension(0) && any.nextBoolean();
        boolean allColumns = columns.length == shape.dimension(1) && any.nextBoolean();
        if (allRows && allColumns) {
            return new Encoding.Dense();
        }
        if (allColumns) {
            return new Encoding.Rows(rows);
        }
        return allRows ? new Encoding.Columns(columns) : new Encoding.Cells(rows, columns);
    }

    private static int[] some(Random any, int n) {
        int[] kept = IntStream.range(0, n).filter(i -> any.nextInt(3) > 0).toArray();
        return kept.length == 0 ? IntStream.range(0, n).toArray() : kept;
    }

    private static float[] whole(MaskedTensor tensor) {
        int elements = (int) tensor.shape().elements();
        float[] values = new float[elements];
        MaskedSlice slice = new MaskedSlice(elements);
        slice.load(tensor, 0, elements);
        slice.copyTo(values);
        return values;
    }

    @Test
    void normsAreThoseOfTheDecodedValues() {
        QuantisedVectors vectors =
                QuantisedVectors.encode(
                        new float[] {7, 3.4f, 0, -7}, 2, List.of(Precision.INT4, Precision.INT4));
        MaskedTensor tensor =
                MaskedTensor.quantised(
                        "w",
                        Shape.of(2, 3),
                        new Encoding.Columns(0, 2),
                        VectorAxis.COLUMNS,
                        vectors);

        assertThat(tensor.squaredNorm()).isEqualTo(49 + 9 + 49);
        assertThat(tensor.squaredDistance(FloatReader.of(7, 9, 0, 3, 9, -7))).isZero();
        assertThat(tensor.valueBytes(DType.F32)).isEqualTo(10);
    }

    @Test
    void floatsAndVectorsMayStandSideBySide() throws IOException {
        Path file = folder.resolve("mixed");
        MaskedTensor head = MaskedTensor.dense("head", Shape.of(1, 2), new float[] {1, 2});
        UpdateFile.write(file, Map.of(), List.of(head, quantised(Precision.INT8)), DType.F32);

        try (UpdateFile read = UpdateFile.open(file)) {
            assertThat(read.tensor("head", head.shape()).squaredNorm()).isEqualTo(5);
            assertThat(read.quantised("w", SHAPE, VectorAxis.ROWS, many(4, Precision.INT8)))
                    .isNotNull();
        }
    }

    @Test
    void bitsOfOtherPrecisionsShapesAndKindsAreRefused() throws IOException {
        Path file = folder.resolve("one");
        MaskedTensor head = MaskedTensor.dense("head", Shape.of(1, 2), new float[] {1, 2});
        UpdateFile.write(file, Map.of(), List.of(head, quantised(Precision.INT8)), DType.F32);

        try (UpdateFile read = UpdateFile.open(file)) {
            assertRefused(
                    () -> read.quantised("w", SHAPE, VectorAxis.ROWS, many(4, Precision.INT4)),
                    "28 bytes where 4 vectors of 3 values need 24");
            assertRefused(
                    () -> read.quantised("w", SHAPE, VectorAxis.ROWS, many(3, Precision.INT8)),
                    "3 vectors of 3 values make [3, 3], not [4, 3]");
            assertRefused(
                    () -> read.quantised("w", SHAPE, VectorAxis.COLUMNS, many(3, Precision.INT8)),
                    "28 bytes where 3 vectors of 4 values need 24");
            assertRefused(
                    () ->
                            read.quantised(
                                    "head", head.shape(), VectorAxis.ROWS, many(1, Precision.INT8)),
                    "not quantised");
            assertRefused(() -> read.tensor("w", SHAPE), "values are quantised");
            assertRefused(
                    () ->
                            read.quantised(
                                    "w", Shape.of(12), VectorAxis.ROWS, many(4, Precision.INT8)),
                    "no rows and columns");
        }
    }

    static Stream<Arguments> badFiles() {
        SafetensorsWriter square = new SafetensorsWriter().bytes("w", Shape.of(2, 2), new byte[4]);
        SafetensorsWriter masked =
                new SafetensorsWriter()
                        .bytes("w", Shape.of(4), new byte[4])
                        .bytes("w#bitmap", Shape.of(1), new byte[1]);
        return Stream.of(
                Arguments.of(Named.of("a square of bytes", square), "one dimension"),
                Arguments.of(Named.of("a bitmap beside", masked), "bitmap of quantised"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("badFiles")
    void isRefusedWithItsReason(SafetensorsWriter content, String reason) throws IOException {
        Path file = folder.resolve("bad");
        content.write(file);

        assertThatThrownBy(() -> UpdateFile.open(file))
                .isInstanceOf(UpdateFormatException.class)
                .hasMessageContaining(reason);
    }

    private static MaskedTensor quantised(Precision precision) {
        float[] values = new float[12];
        Arrays.fill(values, 1);
        return MaskedTensor.quantised(
                "w",
                SHAPE,
                new Encoding.Dense(),
                VectorAxis.ROWS,
                QuantisedVectors.encode(values, 3, many(4, precision)));
    }

    private static List<Precision> many(int n, Precision precision) {
        return Collections.nCopies(n, precision);
    }

    private static void assertRefused(
            org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String reason) {
        assertThatThrownBy(call)
                .isInstanceOf(UpdateFormatException.class)
                .hasMessageContaining(reason);
    }
}
