package dev.espalier.tensors.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class HostileHeaderTest {

    private static final String LONG_MAX = "9223372036854775807";

    @TempDir Path folder;

    static Stream<Arguments> headers() {
        return Stream.of(
                refused("not an object", "[]", 0, "begin with"),
                refused("text before the brace", " {}", 0, "begin with"),
                refused("text after the brace", "{} {}", 0, "after the closing brace"),
                refused("no closing brace", "{", 0, "expected"),
                refused("an unfinished string", "{\"w", 0, "middle of a string"),
                refused(
                        "a trailing comma",
                        "{" + tensor("w", "U8", "[0]", "[0,0]") + ",}",
                        0,
                        "expected '\"'"),
                refused("deep arrays", "{\"w\":" + "[".repeat(1_000_000), 0, "expected '{'"),
                refused("deep objects", "{\"w\":".repeat(100_000), 0, "unknown key"),
                refused(
                        "deep shape",
                        "{\"w\":{\"shape\":" + "[".repeat(1_000_000),
                        0,
                        "whole number"),
                refused(
                        "deep metadata",
                        "{\"__metadata__\":" + "{\"a\":".repeat(100_000),
                        0,
                        "expected '\"'"),
                refused("a number as metadata", "{\"__metadata__\":{\"a\":1}}", 0, "expected '\"'"),
                refused("null as metadata", "{\"__metadata__\":null}", 0, "expected '{'"),
                refused(
                        "metadata twice",
                        "{\"__metadata__\":{},\"__metadata__\":{}}",
                        0,
                        "a second __metadata__"),
                refused(
                        "a metadata key twice",
                        "{\"__metadata__\":{\"a\":\"1\",\"a\":\"1\"}}",
                        0,
                        "second metadata key 'a'"),
                refused(
                        "a key twice by an escape",
                        "{\"__metadata__\":{\"a\":\"1\",\"\\u0061\":\"1\"}}",
                        0,
                        "second metadata key 'a'"),
                refused(
                        "a tensor twice",
                        "{"
                                + tensor("w", "U8", "[0]", "[0,0]")
                                + ","
                                + tensor("w", "U8", "[0]", "[0,0]")
                                + "}",
                        0,
                        "a second tensor 'w'"),
                refused(
                        "a dtype twice",
                        "{\"w\":{\"dtype\":\"U8\",\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}}",
                        0,
                        "a second dtype"),
                refused(
                        "an unknown key",
                        "{\"w\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0],\"x\":1}}",
                        0,
                        "unknown key"),
                refused(
                        "a missing shape",
                        "{\"w\":{\"dtype\":\"U8\",\"data_offsets\":[0,0]}}",
                        0,
                        "needs a dtype"),
                refused("an empty tensor object", "{\"w\":{}}", 0, "expected"),
                refused("an unknown dtype", one("I16", "[1]", "[0,2]"), 2, "'I16'"),
                refused("a negative dimension", one("U8", "[-1]", "[0,0]"), 0, "not negative"),
                refused("a fractional dimension", one("U8", "[1.0]", "[0,1]"), 1, "expected ']'"),
                refused("an exponent", one("U8", "[1e3]", "[0,1]"), 1, "expected ']'"),
                refused("a leading zero", one("U8", "[01]", "[0,1]"), 1, "whole number"),
                refused(
                        "a number of a million digits",
                        one("U8", "[" + "9".repeat(1_000_000) + "]", "[0,1]"),
                        1,
                        "beyond"),
                refused("2^63", one("U8", "[9223372036854775808]", "[0,1]"), 1, "beyond"),
                refused(
                        "overflowing elements",
                        one("U8", "[4294967296,4294967296]", "[0,0]"),
                        0,
                        "too many elements"),
                refused(
                        "elements that wrap to negative",
                        one("U8", "[" + LONG_MAX + ",2]", "[0,0]"),
                        0,
                        "too many elements"),
                refused(
                        "an overflow hidden by a zero",
                        one("U8", "[0,4294967296,4294967296]", "[0,0]"),
                        0,
                        "too many elements"),
                refused(
                        "overflowing bytes",
                        one("F32", "[4611686018427387904]", "[0,0]"),
                        0,
                        "too many bytes"),
                refused(
                        "too many dimensions",
                        one("U8", "[" + "1,".repeat(32) + "1]", "[0,1]"),
                        1,
                        "more than 32"),
                refused("one offset", one("U8", "[1]", "[0]"), 1, "two data_offsets"),
                refused("three offsets", one("U8", "[1]", "[0,1,1]"), 1, "more than 2"),
                refused("a negative offset", one("U8", "[1]", "[-1,0]"), 1, "not negative"),
                refused("offsets in reverse", one("U8", "[0]", "[1,0]"), 1, "offsets 1 to 0"),
                refused("an offset past the end", one("U8", "[2]", "[0,2]"), 1, "in 1 bytes"),
                refused(
                        "the largest offset",
                        one("U8", "[1]", "[" + LONG_MAX + "," + LONG_MAX + "]"),
                        1,
                        "in 1 bytes"),
                refused(
                        "too few bytes for the shape",
                        one("F32", "[2]", "[0,4]"),
                        4,
                        "needs 8 bytes, has 4"),
                refused("a gap at the start", one("U8", "[1]", "[1,2]"), 2, "gap"),
                refused(
                        "a gap between",
                        "{"
                                + tensor("v", "U8", "[1]", "[0,1]")
                                + ","
                                + tensor("w", "U8", "[1]", "[2,3]")
                                + "}",
                        3,
                        "'w' leaves a gap"),
                refused(
                        "an overlap",
                        "{"
                                + tensor("v", "U8", "[2]", "[0,2]")
                                + ","
                                + tensor("w", "U8", "[2]", "[1,3]")
                                + "}",
                        3,
                        "'w' overlaps"),
                refused(
                        "the same bytes twice",
                        "{"
                                + tensor("v", "U8", "[1]", "[0,1]")
                                + ","
                                + tensor("w", "U8", "[1]", "[0,1]")
                                + "}",
                        1,
                        "overlaps"),
                refused(
                        "bytes of no tensor",
                        one("U8", "[1]", "[0,1]"),
                        5,
                        "4 bytes after the last tensor"),
                refused("an unknown escape", "{\"\\x\":1}", 0, "unknown escape"),
                refused("a short unicode escape", "{\"\\u12g4\":1}", 0, "hexadecimal"),
                refused("half a surrogate pair", "{\"\\ud800\":1}", 0, "surrogate"),
                refused("the wrong half first", "{\"\\udc00\\ud800\":1}", 0, "surrogate"),
                refused("a raw control character", "{\"a\nb\":1}", 0, "control character"));
    }

    private static Arguments refused(String what, String header, int dataBytes, String reason) {
        return Arguments.of(org.junit.jupiter.api.Named.of(what, header), dataBytes, reason);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("headers")
    void isRefusedWithItsReason(String header, int dataBytes, String reason) throws IOException {
        Path file = file(header.getBytes(StandardCharsets.UTF_8), dataBytes);

        assertThatThrownBy(() -> SafetensorsFile.open(file))
                .isInstanceOf(MalformedSafetensorsException.class)
                .hasMessageContaining(reason)
                .message()
                .hasSizeLessThan(400);
    }

    @ParameterizedTest(name = "a header length of {0}")
    @ValueSource(longs = {-1, Long.MIN_VALUE, Long.MAX_VALUE, 100_000_001, 3, 1L << 32})
    void aHeaderLengthBeyondTheFileAllocatesNothing(long length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(10).order(ByteOrder.LITTLE_ENDIAN).putLong(length);
        Path file = Files.write(folder.resolve("length"), bytes.array());

        assertThatThrownBy(() -> SafetensorsFile.open(file))
                .isInstanceOf(MalformedSafetensorsException.class)
                .hasMessageContaining("header length");
    }

    @ParameterizedTest(name = "{0} bytes")
    @ValueSource(ints = {0, 1, 7})
    void aFileWithoutALengthIsRefused(int size) throws IOException {
        Path file = Files.write(folder.resolve("short"), new byte[size]);

        assertThatThrownBy(() -> SafetensorsFile.open(file))
                .isInstanceOf(MalformedSafetensorsException.class)
                .hasMessageContaining(size + " bytes has no header length");
    }

    @Test
    void bytesThatAreNotUtf8AreRefused() throws IOException {
        Path file = file(new byte[] {'{', '"', (byte) 0xc0, (byte) 0x80, '"', '}'}, 0);

        assertThatThrownBy(() -> SafetensorsFile.open(file))
                .isInstanceOf(MalformedSafetensorsException.class)
                .hasMessageContaining("UTF-8");
    }

    @Test
    void tooManyTensorsAreRefused() throws IOException {
        String header =
                IntStream.rangeClosed(0, Header.MAX_TENSORS)
                        .mapToObj(i -> tensor("t" + i, "U8", "[0]", "[0,0]"))
                        .collect(Collectors.joining(",", "{", "}"));
        Path file = file(header.getBytes(StandardCharsets.UTF_8), 0);

        assertThatThrownBy(() -> SafetensorsFile.open(file))
                .hasMessageContaining("more than 200000 tensors");
    }

    @Test
    void aMissingFileIsAnOrdinaryIoException() {
        assertThatThrownBy(() -> SafetensorsFile.open(folder.resolve("absent")))
                .isInstanceOf(IOException.class)
                .isNotInstanceOf(MalformedSafetensorsException.class);
    }

    @Test
    void harmlessFreedomsOfOtherWritersAreAccepted() throws IOException {
        String header =
                "{\n"
                        + " \"w\" : { \"shape\":[ 1 , 1 ],\t\"data_offsets\":[0,1],"
                        + " \"dtype\":\"\\u00558\" } }   ";
        Path file = file(header.getBytes(StandardCharsets.UTF_8), 1);

        try (SafetensorsFile read = SafetensorsFile.open(file)) {
            assertThat(read.info("w").shape().toString()).isEqualTo("[1, 1]");
        }
    }

    private static String one(String dtype, String shape, String offsets) {
        return "{" + tensor("w", dtype, shape, offsets) + "}";
    }

    private static String tensor(String name, String dtype, String shape, String offsets) {
        return "\"%s\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":%s}"
                .formatted(name, dtype, shape, offsets);
    }

    private Path file(byte[] header, int dataBytes) throws IOException {
        ByteBuffer bytes =
                ByteBuffer.allocate(8 + header.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(header.length).put(header);
        return Files.write(folder.resolve("hostile"), bytes.array());
    }
}
