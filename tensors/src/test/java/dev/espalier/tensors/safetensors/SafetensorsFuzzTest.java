package dev.espalier.tensors.safetensors;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Valid files, damaged in many ways: each is either refused as malformed, or means something and
 * can be written back.
 */
class SafetensorsFuzzTest {

    private static final String[] FRAGMENTS = {
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"",
        "\\",
        "\\u0000",
        "\\ud800",
        "-",
        "-1",
        "0",
        "1e9",
        "9223372036854775807",
        "18446744073709551615",
        "null",
        "true",
        "__metadata__",
        "\"dtype\":",
        "\"shape\":[",
        "\"data_offsets\":[",
        "F32",
        "F64",
        "I32",
        "I16",
        "U8",
        " ",
        "\u0000",
        "\u007f",
        "{\"a\":{\"a\":{\"a\":"
    };
    private static final int MUTANTS = 60;

    @TempDir Path folder;

    static LongStream seeds() {
        return LongStream.range(0, 120);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void damageIsRefusedOrHarmless(long seed) throws IOException {
        Random any = new Random(seed);
        Path valid = RandomFiles.write(RandomFiles.content(seed), folder.resolve("valid"));
        byte[] original = Files.readAllBytes(valid);
        for (int i = 0; i < MUTANTS; i++) {
            readOrRefuse(mutated(original, any));
        }
    }

    private void readOrRefuse(byte[] bytes) throws IOException {
        Path file = Files.write(folder.resolve("mutant"), bytes);
        try (SafetensorsFile read = SafetensorsFile.open(file)) {
            assertThatItIsConsistent(read, bytes.length);
        } catch (MalformedSafetensorsException refused) {
            assertThat(refused).hasMessageMatching("[\\x20-\\x7e]{5,400}");
        }
    }

    /** What was accepted can be written anew, and reads as the same. */
    private void assertThatItIsConsistent(SafetensorsFile read, long size) throws IOException {
        SafetensorsWriter writer = new SafetensorsWriter().metadata(read.metadata());
        long last = 0;
        for (String name : read.names()) {
            TensorInfo info = read.info(name);
            assertThat(info.byteLength()).isEqualTo(info.shape().bytes(info.dtype()));
            last = Math.max(last, info.offset() + info.byteLength());
            writer.raw(name, info.dtype(), info.shape(), read.bytes(name));
        }
        assertThat(last).isLessThanOrEqualTo(size);
        writer.write(folder.resolve("again"));
        try (SafetensorsFile again = SafetensorsFile.open(folder.resolve("again"))) {
            assertThat(again.metadata()).isEqualTo(read.metadata());
            assertThat(again.names()).isEqualTo(read.names());
            for (String name : read.names()) {
                assertThat(
                                MemorySegment.ofBuffer(again.bytes(name).asByteBuffer())
                                        .mismatch(read.bytes(name)))
                        .isEqualTo(-1);
            }
        }
    }

    private static byte[] mutated(byte[] original, Random any) {
        return switch (any.nextInt(7)) {
            case 0 -> flipped(original, any, original.length);
            case 1 -> flipped(original, any, Math.min(original.length, 8 + headerLength(original)));
            case 2 -> Arrays.copyOf(original, any.nextInt(original.length + 1));
            case 3 -> Arrays.copyOf(original, original.length + 1 + any.nextInt(20));
            case 4 -> withHeader(original, inserted(header(original), any));
            case 5 -> withHeader(original, deleted(header(original), any));
            default -> withHeader(original, digitChanged(header(original), any));
        };
    }

    private static byte[] flipped(byte[] original, Random any, int within) {
        byte[] bytes = original.clone();
        for (int i = 1 + any.nextInt(3); i > 0; i--) {
            bytes[any.nextInt(within)] ^= (byte) (1 << any.nextInt(8));
        }
        return bytes;
    }

    private static String inserted(String header, Random any) {
        int at = any.nextInt(header.length() + 1);
        return header.substring(0, at)
                + FRAGMENTS[any.nextInt(FRAGMENTS.length)]
                + header.substring(at);
    }

    private static String deleted(String header, Random any) {
        int from = any.nextInt(header.length() + 1);
        int to = from + any.nextInt(Math.min(30, header.length() - from + 1));
        return header.substring(0, from) + header.substring(to);
    }

    private static String digitChanged(String header, Random any) {
        int[] digits =
                IntStream.range(0, header.length())
                        .filter(i -> Character.isDigit(header.charAt(i)))
                        .toArray();
        if (digits.length == 0) {
            return header;
        }
        int at = digits[any.nextInt(digits.length)];
        return header.substring(0, at) + any.nextInt(30) + header.substring(at + 1);
    }

    private static String header(byte[] file) {
        return new String(file, 8, headerLength(file), StandardCharsets.UTF_8);
    }

    private static int headerLength(byte[] file) {
        return (int) ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong();
    }

    /**
     * A true length before a changed header, so that the damage is not found by the length alone.
     */
    private static byte[] withHeader(byte[] original, String header) {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        int dataStart = 8 + headerLength(original);
        ByteBuffer bytes =
                ByteBuffer.allocate(8 + json.length + original.length - dataStart)
                        .order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(json.length).put(json).put(original, dataStart, original.length - dataStart);
        return bytes.array();
    }
}
