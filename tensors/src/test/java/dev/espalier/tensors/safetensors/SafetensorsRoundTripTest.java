package dev.espalier.tensors.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.tensors.DType;
import dev.espalier.tensors.Shape;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class SafetensorsRoundTripTest {

    @TempDir Path folder;

    static LongStream seeds() {
        return LongStream.range(0, 100);
    }

    @Test
    void whatWasWrittenIsReadBack() throws IOException {
        Path file = folder.resolve("model.safetensors");
        new SafetensorsWriter()
                .metadata("format", "pt")
                .floats(
                        "weight",
                        Shape.of(2, 3),
                        new float[] {1, -2, 3.5f, 0, -0f, Float.MAX_VALUE})
                .floats("half", DType.F16, Shape.of(2), new float[] {65504, 1 / 3f})
                .floats("brain", DType.BF16, Shape.of(), new float[] {1 / 3f})
                .longs("rows", Shape.of(3), new long[] {0, Long.MAX_VALUE, -1})
                .bytes("bitmap", Shape.of(3), new byte[] {1, (byte) 0xff, 0})
                .floats("empty", Shape.of(0, 7), new float[0])
                .write(file);

        try (SafetensorsFile read = SafetensorsFile.open(file)) {
            assertThat(read.names())
                    .containsExactly("bitmap", "brain", "empty", "half", "rows", "weight");
            assertThat(read.metadata()).isEqualTo(Map.of("format", "pt"));
            assertThat(read.floats("weight")).containsExactly(1, -2, 3.5f, 0, -0f, Float.MAX_VALUE);
            assertThat(read.floats("half")).containsExactly(65504, 0.33325195f);
            assertThat(read.floats("brain")).containsExactly(0.33398438f);
            assertThat(read.longs("rows")).containsExactly(0, Long.MAX_VALUE, -1);
            assertThat(read.bytes("bitmap").toArray(ValueLayout.JAVA_BYTE))
                    .containsExactly(1, 0xff, 0);
            assertThat(read.floats("empty")).isEmpty();
            assertThat(read.info("weight").shape()).isEqualTo(Shape.of(2, 3));
        }
    }

    @Test
    void integersOf32BitsAndFloatsOf64AreRead() throws IOException {
        Path file = folder.resolve("wide.safetensors");
        ByteBuffer data = ByteBuffer.allocate(28).order(ByteOrder.LITTLE_ENDIAN);
        data.putDouble(Math.PI).putDouble(-1e300).putInt(7).putInt(-1).putInt(Integer.MIN_VALUE);
        SparseFile.write(
                file,
                "{\"d\":{\"dtype\":\"F64\",\"shape\":[2],\"data_offsets\":[0,16]},"
                        + "\"i\":{\"dtype\":\"I32\",\"shape\":[3],\"data_offsets\":[16,28]}}",
                28,
                data.array());

        try (SafetensorsFile read = SafetensorsFile.open(file)) {
            assertThat(read.doubles("d")).containsExactly(Math.PI, -1e300);
            assertThat(read.longs("i")).containsExactly(7, -1, Integer.MIN_VALUE);
            assertThatThrownBy(() -> read.floats("d"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("F64");
            assertThatThrownBy(() -> read.reader("d"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("F64");
            assertThatThrownBy(() -> read.doubles("i"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("I32");
            assertThatThrownBy(() -> read.longs("d"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("F64");
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F16", "BF16"})
    void narrowerFloatsAreDoublesToo(DType dtype) throws IOException {
        Path file = folder.resolve("narrow.safetensors");
        new SafetensorsWriter()
                .floats("w", dtype, Shape.of(3), new float[] {1, -0.5f, 1 / 3f})
                .write(file);

        try (SafetensorsFile read = SafetensorsFile.open(file)) {
            assertThat(read.doubles("w")).containsExactly(1, -0.5, dtype.rounded(1 / 3f));
        }
    }

    /** Byte for byte what the reference library writes for this content. */
    @Test
    void theBytesOfASmallFileNeverChange() throws IOException {
        Path file = folder.resolve("golden.safetensors");
        new SafetensorsWriter()
                .floats("b", Shape.of(1), new float[] {1})
                .longs("a#rows", Shape.of(1), new long[] {2})
                .bytes("z", Shape.of(2), new byte[] {3, 4})
                .metadata("k", "v\"\n\u0001é")
                .write(file);

        String header =
                "{\"__metadata__\":{\"k\":\"v\\\"\\n\\u0001é\"},"
                        + "\"a#rows\":{\"dtype\":\"I64\",\"shape\":[1],\"data_offsets\":[0,8]},"
                        + "\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[8,12]},"
                        + "\"z\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[12,14]}}";
        byte[] utf8 = header.getBytes(StandardCharsets.UTF_8);
        int padded = (utf8.length + 7) / 8 * 8;
        byte[] bytes = Files.readAllBytes(file);
        assertThat(bytes)
                .hasSize(8 + padded + 14)
                .startsWith(padded & 0xff, padded >> 8, 0, 0, 0, 0, 0, 0);
        assertThat(new String(bytes, 8, padded, StandardCharsets.UTF_8))
                .isEqualTo(header + " ".repeat(padded - utf8.length));
        assertThat(bytes).endsWith(2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80, 0x3f, 3, 4);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void theSameContentGivesTheSameBytesInWhateverOrderItWasAdded(long seed) throws IOException {
        List<Consumer<SafetensorsWriter>> content = RandomFiles.content(seed);
        Path first = RandomFiles.write(content, folder.resolve("first"));
        Collections.shuffle(content, new Random(seed));
        Path second = RandomFiles.write(content, folder.resolve("second"));

        assertThat(second).hasSameBinaryContentAs(first);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void copyingEveryTensorRawGivesTheSameFile(long seed) throws IOException {
        Path original = RandomFiles.write(RandomFiles.content(seed), folder.resolve("original"));
        Path copy = folder.resolve("copy");
        try (SafetensorsFile read = SafetensorsFile.open(original)) {
            SafetensorsWriter writer = new SafetensorsWriter().metadata(read.metadata());
            for (String name : read.names()) {
                TensorInfo info = read.info(name);
                writer.raw(name, info.dtype(), info.shape(), read.bytes(name));
            }
            writer.write(copy);
        }

        assertThat(copy).hasSameBinaryContentAs(original);
    }

    @Test
    void aSliceIsReadWithoutTheRest() throws IOException {
        Path file = folder.resolve("slice.safetensors");
        new SafetensorsWriter()
                .floats("w", DType.F16, Shape.of(5), new float[] {0, 1, 2, 3, 4})
                .write(file);

        try (SafetensorsFile read = SafetensorsFile.open(file)) {
            float[] into = {9, 9, 9, 9};
            read.floats("w", 2, into, 1, 2);
            assertThat(into).containsExactly(9, 2, 3, 9);
            assertThatThrownBy(() -> read.floats("w", 4, into, 0, 2))
                    .isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    @Test
    void aLazyTensorIsWrittenInSlicesOfAnyOrder() throws IOException {
        Path file = folder.resolve("lazy.safetensors");
        new SafetensorsWriter()
                .tensor(
                        "w",
                        DType.F32,
                        Shape.of(4),
                        sink -> {
                            sink.floats(2, new float[] {0, 3, 4}, 1, 2);
                            sink.floats(0, new float[] {1, 2}, 0, 2);
                        })
                .write(file);

        try (SafetensorsFile read = SafetensorsFile.open(file)) {
            assertThat(read.floats("w")).containsExactly(1, 2, 3, 4);
        }
    }

    @Test
    void aSourceThatLeavesElementsOutLeavesNoFile() throws IOException {
        Path file = folder.resolve("short.safetensors");
        SafetensorsWriter writer =
                new SafetensorsWriter()
                        .tensor(
                                "w",
                                DType.F32,
                                Shape.of(4),
                                sink -> sink.floats(0, new float[3], 0, 3));

        assertThatThrownBy(() -> writer.write(file))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("3 of 4 elements");
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void aSourceCannotWriteOutsideItsTensor() {
        SafetensorsWriter writer =
                new SafetensorsWriter()
                        .tensor(
                                "w",
                                DType.F32,
                                Shape.of(4),
                                sink -> sink.floats(2, new float[3], 0, 3));

        assertThatThrownBy(() -> writer.write(folder.resolve("wide")))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void anExistingFileIsReplacedWhole() throws IOException {
        Path file =
                Files.writeString(
                        folder.resolve("old"),
                        "something else, and longer than the new content".repeat(9));
        new SafetensorsWriter().write(file);

        try (SafetensorsFile read = SafetensorsFile.open(file)) {
            assertThat(read.names()).isEmpty();
        }
    }

    @Test
    void anUnknownTensorIsNamed() throws IOException {
        Path file = folder.resolve("none");
        new SafetensorsWriter().write(file);

        try (SafetensorsFile read = SafetensorsFile.open(file)) {
            assertThatThrownBy(() -> read.floats("embeddings.weight"))
                    .isInstanceOf(NoSuchElementException.class)
                    .hasMessageContaining("embeddings.weight");
        }
    }

    @Test
    void theWriterRefusesWhatCannotBeWritten() {
        SafetensorsWriter writer =
                new SafetensorsWriter().floats("w", Shape.of(1), new float[1]).metadata("k", "v");

        assertThatThrownBy(() -> writer.floats("w", Shape.of(1), new float[1]))
                .hasMessageContaining("'w'");
        assertThatThrownBy(() -> writer.metadata("k", "v")).hasMessageContaining("'k'");
        assertThatThrownBy(() -> writer.floats("x", Shape.of(2), new float[1]))
                .hasMessageContaining("[2]");
        assertThatThrownBy(() -> writer.floats("x", DType.I64, Shape.of(1), new float[1]))
                .hasMessageContaining("I64");
        assertThatThrownBy(() -> writer.longs("__metadata__", Shape.of(1), new long[1]))
                .hasMessageContaining("__metadata__");
        assertThatThrownBy(() ->
                        new SafetensorsWriter()
                                .metadata("k", "\ud800")
                                .write(folder.resolve("lone")))
                .isInstanceOf(IOException.class);
    }

    @Test
    void wrongTypesAreRefused() throws IOException {
        Path file = folder.resolve("types");
        new SafetensorsWriter()
                .floats("f", Shape.of(1), new float[1])
                .longs("l", Shape.of(1), new long[1])
                .write(file);

        try (SafetensorsFile read = SafetensorsFile.open(file)) {
            assertThatThrownBy(() -> read.floats("l")).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> read.longs("f")).isInstanceOf(IllegalArgumentException.class);
            assertThat(read.bytes("f").isReadOnly()).isTrue();
        }
    }

    @Test
    void closingTwiceIsClosingOnce() throws IOException {
        Path file = folder.resolve("closed");
        new SafetensorsWriter().floats("f", Shape.of(1), new float[1]).write(file);
        SafetensorsFile read = SafetensorsFile.open(file);
        read.close();
        read.close();

        assertThatThrownBy(() -> read.floats("f")).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aTensorBeyondTwoGigabytesIsReadAtItsEnd() throws IOException {
        Path file = folder.resolve("large.safetensors");
        long elements = (1L << 31) + 16;
        String header =
                "{\"big\":{\"dtype\":\"U8\",\"shape\":[%d],\"data_offsets\":[0,%d]},\"end\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[%d,%d]}}"
                        .formatted(elements, elements, elements, elements + 4);
        SparseFile.write(file, header, elements + 4, new byte[] {7, 0, 0, (byte) 0x80, 0x3f});

        try (SafetensorsFile read = SafetensorsFile.open(file)) {
            assertThat(read.bytes("big").get(ValueLayout.JAVA_BYTE, elements - 1))
                    .isEqualTo((byte) 7);
            assertThat(read.floats("end")).containsExactly(1f);
        }
    }
}
