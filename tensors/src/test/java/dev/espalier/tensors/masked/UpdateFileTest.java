package dev.espalier.tensors.masked;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.tensors.DType;
import dev.espalier.tensors.FloatReader;
import dev.espalier.tensors.Shape;
import dev.espalier.tensors.masked.AnyTensors.Pictured;
import dev.espalier.tensors.safetensors.MalformedSafetensorsException;
import dev.espalier.tensors.safetensors.SafetensorsFile;
import dev.espalier.tensors.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Random;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class UpdateFileTest {

    private static final Shape SHAPE = Shape.of(4, 3);

    @TempDir Path folder;

    static LongStream seeds() {
        return LongStream.range(0, 150);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void encodingThenDecodingIsIdentity(long seed) throws IOException {
        Random any = new Random(seed);
        DType type = List.of(DType.F32, DType.F16, DType.BF16).get(any.nextInt(3));
        Shape shape = AnyTensors.matrix(any, 30);
        List<Pictured> sent = new ArrayList<>();
        for (int i = any.nextInt(5); i >= 0; i--) {
            sent.add(AnyTensors.any(any, "tensor." + i, shape));
        }
        Path file = folder.resolve("update");
        UpdateFile.write(
                file, Map.of("round", "7"), sent.stream().map(Pictured::tensor).toList(), type);

        try (UpdateFile read = UpdateFile.open(file)) {
            assertThat(read.metadata()).isEqualTo(Map.of("round", "7"));
            assertThat(read.tensorNames()).hasSameSizeAs(sent);
            for (Pictured one : sent) {
                MaskedTensor tensor = read.tensor(one.tensor().name(), shape);
                assertThatItIsTheSame(tensor, one, type);
                assertThat(read.valueType(tensor.name()).isEmpty())
                        .isEqualTo(tensor.encoding() instanceof Encoding.MaskOnly);
                read.valueType(tensor.name())
                        .ifPresent(stored -> assertThat(stored).isEqualTo(type));
            }
        }
    }

    private static void assertThatItIsTheSame(MaskedTensor read, Pictured sent, DType type) {
        boolean maskOnly = read.encoding() instanceof Encoding.MaskOnly;
        MaskedTensor whole = maskOnly ? read.withOwnValues(FloatReader.of(sent.values())) : read;
        int elements = (int) read.shape().elements();
        float[] expected = new float[elements];
        for (int j = 0; j < elements; j++) {
            float value = maskOnly ? sent.values()[j] : type.rounded(sent.values()[j]);
            expected[j] = sent.mask()[j] ? value : 0;
        }
        float[] actual = new float[elements];
        MaskedSlice slice = new MaskedSlice(elements);
        slice.load(whole, 0, elements);
        slice.copyTo(actual);

        assertThat(read.encoding()).hasSameClassAs(sent.tensor().encoding());
        assertThat(actual).isEqualTo(expected);
        assertThat(read.payloadBytes(type)).isEqualTo(sent.tensor().payloadBytes(type));
    }

    @Test
    void theSameUpdateGivesTheSameBytes() throws IOException {
        Random any = new Random(1);
        List<MaskedTensor> tensors = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            tensors.add(AnyTensors.any(any, "t" + i, SHAPE).tensor());
        }
        UpdateFile.write(folder.resolve("first"), Map.of("a", "1", "b", "2"), tensors, DType.F32);
        Collections.reverse(tensors);
        UpdateFile.write(folder.resolve("second"), Map.of("b", "2", "a", "1"), tensors, DType.F32);

        assertThat(folder.resolve("second")).hasSameBinaryContentAs(folder.resolve("first"));
    }

    /** The entries of each encoding, as other languages have to write them. */
    @Test
    void theFormatNeverChanges() throws IOException {
        Path file = folder.resolve("golden");
        UpdateFile.write(
                file,
                Map.of(),
                List.of(
                        MaskedTensor.dense("a", Shape.of(1, 2), new float[] {1, 2}),
                        MaskedTensor.rows("b", SHAPE, new int[] {0, 3}, new float[6]),
                        MaskedTensor.columns("c", SHAPE, new int[] {1}, new float[4]),
                        MaskedTensor.cells(
                                "d", SHAPE, new int[] {2}, new int[] {0, 1}, new float[2]),
                        MaskedTensor.bitmap(
                                "e", Shape.of(3), ElementMask.of(true, false, true), new float[2]),
                        MaskedTensor.maskOnly("f", Shape.of(9), ElementMask.of(new boolean[9])),
                        MaskedTensor.bitmap("g", Shape.of(64), only(64, 60), new float[1]),
                        MaskedTensor.bitmap("h", Shape.of(32), only(32, 20), new float[1]),
                        MaskedTensor.maskOnly("i", Shape.of(64), only(64, 60))),
                DType.F16);

        try (SafetensorsFile read = SafetensorsFile.open(file)) {
            List<String> entries =
                    read.names().stream()
                            .map(read::info)
                            .map(info -> info.name() + " " + info.dtype() + " " + info.shape())
                            .toList();
            assertThat(entries)
                    .containsExactly(
                            "a F16 [1, 2]",
                            "b F16 [2, 3]",
                            "b#rows I64 [2]",
                            "c F16 [4, 1]",
                            "c#columns I64 [1]",
                            "d F16 [1, 2]",
                            "d#columns I64 [2]",
                            "d#rows I64 [1]",
                            "e F16 [2]",
                            "e#bitmap U8 [1]",
                            "f#bitmap U8 [2]",
                            "g F16 [1]",
                            "g#places I32 [1]",
                            "h F16 [1]",
                            "h#bitmap U8 [4]",
                            "i#bitmap U8 [8]");
            assertThat(read.longs("g#places")).containsExactly(60);
            assertThat(read.longs("b#rows")).containsExactly(0, 3);
            assertThat(read.bytes("e#bitmap").get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 5);
        }
    }

    private static ElementMask only(int elements, int kept) {
        boolean[] mask = new boolean[elements];
        mask[kept] = true;
        return ElementMask.of(mask);
    }

    private interface Content {
        SafetensorsWriter to(SafetensorsWriter writer);
    }

    static Stream<Arguments> badUpdates() {
        return Stream.of(
                bad(
                        "values of integers",
                        "F32, F16 or BF16",
                        w -> w.longs("w", Shape.of(1), new long[1])),
                bad(
                        "an unknown suffix",
                        "unknown suffix",
                        w -> values(w).longs("w#planes", Shape.of(1), new long[1])),
                bad(
                        "two suffixes",
                        "unknown suffix",
                        w -> values(w).longs("w#rows#rows", Shape.of(1), new long[1])),
                bad(
                        "rows without values",
                        "indices without values",
                        w -> w.longs("w#rows", Shape.of(1), new long[1])),
                bad(
                        "rows that are floats",
                        "must be I64",
                        w -> values(w).floats("w#rows", Shape.of(1), new float[1])),
                bad(
                        "rows of rank 2",
                        "one dimension",
                        w -> values(w).longs("w#rows", Shape.of(1, 1), new long[1])),
                bad(
                        "a bitmap of longs",
                        "must be U8",
                        w -> values(w).longs("w#bitmap", Shape.of(1), new long[1])),
                bad(
                        "rows and a bitmap",
                        "beside a bitmap",
                        w ->
                                values(w)
                                        .longs("w#rows", Shape.of(1), new long[1])
                                        .bytes("w#bitmap", Shape.of(2), new byte[2])),
                bad("unsorted rows", "not ascending", w -> rows(w, 2, 1)),
                bad("rows twice", "twice", w -> rows(w, 1, 1)),
                bad("a negative row", "negative", w -> rows(w, -1, 1)),
                bad("a row beyond the shape", "not below 4", w -> rows(w, 0, 4)),
                bad("a row beyond an int", "out of range", w -> rows(w, 0, (1L << 32) + 1)),
                bad(
                        "a column beyond the shape",
                        "not below 3",
                        w ->
                                w.floats("w", Shape.of(4, 1), new float[4])
                                        .longs("w#columns", Shape.of(1), new long[] {3})),
                bad("too few values for the rows", "needs [3, 3]", w -> rows(w, 0, 1, 2)),
                bad(
                        "a dense tensor of another shape",
                        "Dense of [4, 3] needs [4, 3]",
                        UpdateFileTest::values),
                bad(
                        "dense values in another order",
                        "needs [4, 3]",
                        w -> w.floats("w", Shape.of(3, 4), new float[12])),
                bad(
                        "a short bitmap",
                        "has 2 bytes, not 1",
                        w -> w.bytes("w#bitmap", Shape.of(1), new byte[1])),
                bad(
                        "stray bits",
                        "after the last",
                        w -> w.bytes("w#bitmap", Shape.of(2), new byte[] {0, 0x10})),
                bad("places out of order", "place 1 after 2 of 12", w -> places(w, 2, 1)),
                bad("a place twice", "place 1 after 1 of 12", w -> places(w, 1, 1)),
                bad("a negative place", "place -1 after -1 of 12", w -> places(w, -1, 1)),
                bad("a place beyond the shape", "place 12 after 0 of 12", w -> places(w, 0, 12)),
                bad("fewer places than values", "needs [1]", w -> places(w, 3)),
                bad(
                        "places of longs",
                        "must be I32",
                        w -> values(w).longs("w#places", Shape.of(1), new long[1])),
                bad("places without values", "places without values", w -> place(w, 1)),
                bad(
                        "places beside a bitmap",
                        "beside another mask",
                        w -> places(w, 0, 1).bytes("w#bitmap", Shape.of(2), new byte[2])),
                bad(
                        "places of quantised values",
                        "quantised",
                        w -> place(w, 1).bytes("w", Shape.of(1), new byte[1])),
                bad(
                        "more values than bits",
                        "needs [1]",
                        w ->
                                w.floats("w", Shape.of(2), new float[2])
                                        .bytes("w#bitmap", Shape.of(2), new byte[] {1, 0})));
    }

    private static Arguments bad(String what, String reason, Content content) {
        return Arguments.of(Named.of(what, content), reason);
    }

    private static SafetensorsWriter values(SafetensorsWriter writer) {
        return writer.floats("w", Shape.of(2, 3), new float[6]);
    }

    private static SafetensorsWriter rows(SafetensorsWriter writer, long... rows) {
        return values(writer).longs("w#rows", Shape.of(rows.length), rows);
    }

    /** Two values at these places. */
    private static SafetensorsWriter places(SafetensorsWriter writer, int... places) {
        return place(writer, places).floats("w", Shape.of(2), new float[2]);
    }

    private static SafetensorsWriter place(SafetensorsWriter writer, int... places) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * places.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asIntBuffer().put(places);
        return writer.raw(
                "w#places",
                DType.I32,
                Shape.of(places.length),
                MemorySegment.ofArray(bytes.array()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("badUpdates")
    void isRefusedWithItsReason(Content content, String reason) throws IOException {
        Path file = folder.resolve("bad");
        content.to(new SafetensorsWriter()).write(file);

        assertThatThrownBy(() -> readAll(file, SHAPE))
                .isInstanceOf(UpdateFormatException.class)
                .hasMessageContaining(reason)
                .hasMessageContaining("'w");
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void aDamagedUpdateIsRefusedOrReadable(long seed) throws IOException {
        Random any = new Random(seed);
        Path file = folder.resolve("fuzzed");
        List<MaskedTensor> tensors =
                List.of(
                        AnyTensors.any(any, "a", SHAPE).tensor(),
                        AnyTensors.any(any, "b", SHAPE).tensor());
        UpdateFile.write(file, Map.of(), tensors, DType.F32);
        byte[] valid = Files.readAllBytes(file);
        for (int i = 0; i < 40; i++) {
            byte[] damaged = valid.clone();
            damaged[8 + any.nextInt(damaged.length - 8)] ^= (byte) (1 << any.nextInt(8));
            Files.write(file, damaged);
            try {
                readAll(file, SHAPE);
            } catch (UpdateFormatException | MalformedSafetensorsException refused) {
                assertThat(refused.getMessage()).isNotBlank();
            }
        }
    }

    private static void readAll(Path file, Shape shape) throws IOException {
        try (UpdateFile read = UpdateFile.open(file)) {
            for (String name : read.tensorNames()) {
                MaskedTensor tensor = read.tensor(name, shape);
                if (!(tensor.encoding() instanceof Encoding.MaskOnly)) {
                    tensor.squaredNorm();
                }
            }
        }
    }

    @Test
    void anUnknownTensorIsNamed() throws IOException {
        Path file = folder.resolve("empty");
        UpdateFile.write(file, Map.of(), List.of(), DType.F32);

        try (UpdateFile read = UpdateFile.open(file)) {
            assertThatThrownBy(() -> read.tensor("lora_A", SHAPE))
                    .isInstanceOf(NoSuchElementException.class)
                    .hasMessageContaining("lora_A");
        }
    }

    @Test
    void namesThatWouldBeMistakenForMasksAreNotWritten() {
        MaskedTensor sly = MaskedTensor.dense("w#rows", Shape.of(1), new float[1]);

        assertThatThrownBy(() ->
                        UpdateFile.write(folder.resolve("sly"), Map.of(), List.of(sly), DType.F32))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() ->
                        UpdateFile.write(folder.resolve("sly"), Map.of(), List.of(), DType.I64))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
