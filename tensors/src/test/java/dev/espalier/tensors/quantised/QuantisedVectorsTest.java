package dev.espalier.tensors.quantised;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.espalier.tensors.FloatReader;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class QuantisedVectorsTest {

    static LongStream seeds() {
        return LongStream.range(0, 200);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void noValueIsFurtherOffThanHalfAStep(long seed) {
        Sample sample = Sample.of(seed);

        float[] decoded = read(sample.encoded().asRows(), sample.values().length);

        for (int v = 0; v < sample.precisions().size(); v++) {
            float largest = 0;
            for (int i = 0; i < sample.length(); i++) {
                largest = Math.max(largest, Math.abs(sample.values()[v * sample.length() + i]));
            }
            for (int i = 0; i < sample.length(); i++) {
                int at = v * sample.length() + i;
                assertThat((double) decoded[at])
                        .isCloseTo(
                                sample.values()[at],
                                within(halfStep(sample.precisions().get(v), largest)));
            }
        }
    }

    private static double halfStep(Precision precision, double largest) {
        double margin = 1 + 1e-6;
        return switch (precision) {
            case INT4 -> largest / 7 / 2 * margin;
            case INT8 -> largest / 127 / 2 * margin;
            case F16 -> largest / 2048 * margin + 0x1p-25;
            case F32 -> 0;
        };
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void whatWasDecodedIsDecodedAlikeTheSecondTime(long seed) {
        Sample sample = Sample.of(seed);
        float[] once = read(sample.encoded().asRows(), sample.values().length);

        QuantisedVectors again =
                QuantisedVectors.encode(once, sample.length(), sample.precisions());
        float[] twice = read(again.asRows(), once.length);

        for (int i = 0; i < once.length; i++) {
            assertThat(twice[i]).isCloseTo(once[i], within(Math.abs(once[i]) * 1e-6f));
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void columnsAreTheRowsTurned(long seed) {
        Sample sample = Sample.of(seed);
        int count = sample.precisions().size();
        float[] rows = read(sample.encoded().asRows(), sample.values().length);
        float[] columns = read(sample.encoded().asColumns(), sample.values().length);

        for (int v = 0; v < count; v++) {
            for (int i = 0; i < sample.length(); i++) {
                assertThat(columns[i * count + v]).isEqualTo(rows[v * sample.length() + i]);
            }
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void anySliceIsThatOfTheWhole(long seed) {
        Random any = new Random(seed);
        Sample sample = Sample.of(seed);
        int all = sample.values().length;
        int from = any.nextInt(all + 1);
        int n = any.nextInt(all - from + 1);
        for (FloatReader reader :
                List.of(sample.encoded().asRows(), sample.encoded().asColumns())) {
            float[] slice = new float[n + 2];
            reader.read(from, slice, 1, n);
            float[] whole = read(reader, all);

            assertThat(slice[0]).isZero();
            assertThat(slice[n + 1]).isZero();
            for (int i = 0; i < n; i++) {
                assertThat(slice[1 + i]).isEqualTo(whole[from + i]);
            }
            assertThatThrownBy(() -> reader.read(all, new float[1], 0, 1))
                    .isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void whatIsDamagedIsRefusedOrFinite(long seed) {
        Random any = new Random(seed);
        Sample sample = Sample.of(seed);
        byte[] valid = sample.encoded().bytes().toArray(ValueLayout.JAVA_BYTE);
        for (int i = 0; i < 40; i++) {
            byte[] damaged = valid.clone();
            damaged[any.nextInt(damaged.length)] ^= (byte) (1 << any.nextInt(8));
            try {
                QuantisedVectors read =
                        QuantisedVectors.of(
                                MemorySegment.ofArray(damaged),
                                sample.length(),
                                sample.precisions());
                for (float value : read(read.asRows(), sample.values().length)) {
                    assertThat(value).isFinite();
                }
            } catch (IllegalArgumentException refused) {
                assertThat(refused.getMessage()).startsWith("vector ");
            }
        }
    }

    @Test
    void theLayoutNeverChanges() {
        float[] values = {
            3.5f, -1.75f, 0.25f, // scale 0.5: 7, -4 (tie to even), 0 (tie to even)
            63.5f, -31.75f, 10, // scale 0.5: 127, -64 (tie to even), 20
            1, -2, 0.5f, //
            1, -2, 0.5f
        };
        QuantisedVectors packed =
                QuantisedVectors.encode(
                        values,
                        3,
                        List.of(Precision.INT4, Precision.INT8, Precision.F16, Precision.F32));

        assertThat(HexFormat.of().formatHex(packed.bytes().toArray(ValueLayout.JAVA_BYTE)))
                .isEqualTo(
                        "0000003f"
                                + "c7"
                                + "00" //
                                + "0000003f"
                                + "7fc014" //
                                + "003c00c00038" //
                                + "0000803f000000c00000003f");
    }

    @Test
    void halvesSaturateAndSubnormalsStayInRange() {
        float tiny = Float.MIN_VALUE;
        float[] values = {1e9f, -1e9f, 10 * tiny, -tiny, Float.MAX_VALUE, -Float.MAX_VALUE};
        QuantisedVectors packed =
                QuantisedVectors.encode(
                        values, 2, List.of(Precision.F16, Precision.INT4, Precision.INT8));

        float[] decoded = read(packed.asRows(), 6);

        assertThat(decoded).startsWith(65504, -65504, 7 * tiny, -tiny);
        assertThat(decoded[4]).isFinite().isGreaterThan(Float.MAX_VALUE * 0.999f);
        assertThat(decoded[5]).isEqualTo(-decoded[4]);
    }

    @Test
    void whatIsNoNumberIsNotEncoded() {
        for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
            assertThatThrownBy(() ->
                            QuantisedVectors.encode(new float[] {bad}, 1, List.of(Precision.INT8)))
                    .hasMessageContaining("finite");
        }
        assertThatThrownBy(() -> QuantisedVectors.encode(new float[3], 2, List.of(Precision.INT8)))
                .hasMessageContaining("3 values");
    }

    static Stream<Arguments> hostile() {
        return Stream.of(
                Arguments.of("INT4", 2, "0000803f" + "08", "code -8"),
                Arguments.of("INT4", 2, "0000803f" + "80", "code -8"),
                Arguments.of("INT4", 1, "0000803f" + "11", "half byte"),
                Arguments.of("INT8", 1, "0000803f" + "80", "code -128"),
                Arguments.of("INT8", 1, "000080bf" + "01", "scale -1.0"),
                Arguments.of("INT8", 1, "00000080" + "00", "scale -0.0"),
                Arguments.of("INT8", 1, "0000c07f" + "01", "scale NaN"),
                Arguments.of("INT8", 1, "0000807f" + "00", "scale Infinity"),
                Arguments.of("INT8", 1, "ffff7f7f" + "02", "not finite"),
                Arguments.of("INT8", 1, "00000000" + "01", "scale 0"),
                Arguments.of("F16", 1, "007c", "not finite"),
                Arguments.of("F16", 1, "007e", "not finite"),
                Arguments.of("F32", 2, "0000803f" + "000080ff", "value 1 is not finite"),
                Arguments.of("INT8", 2, "0000803f" + "01", "need 6"),
                Arguments.of("INT4", 2, "0000803f" + "0100", "need 5"),
                Arguments.of("F32", 1, "", "need 4"));
    }

    @ParameterizedTest(name = "{0} {2}: {3}")
    @MethodSource("hostile")
    void isRefusedWithItsReason(Precision precision, int length, String hex, String reason) {
        MemorySegment bytes = MemorySegment.ofArray(HexFormat.of().parseHex(hex));

        assertThatThrownBy(() -> QuantisedVectors.of(bytes, length, List.of(precision)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(reason);
    }

    @ParameterizedTest
    @CsvSource({"4,5,7", "8,5,9", "16,5,10", "32,5,20", "4,4,6", "8,0,4"})
    void aVectorTakesItsBitsAndAScale(int bits, long length, long bytes) {
        assertThat(Precision.of(bits).bytes(length)).isEqualTo(bytes);
    }

    @Test
    void otherPrecisionsDoNotExist() {
        assertThatThrownBy(() -> Precision.of(2)).hasMessageContaining("not 2");
    }

    private static float[] read(FloatReader reader, int count) {
        float[] values = new float[count];
        reader.read(0, values, 0, count);
        return values;
    }

    private record Sample(float[] values, int length, List<Precision> precisions) {

        static Sample of(long seed) {
            Random any = new Random(seed);
            int length = 1 + any.nextInt(9);
            List<Precision> precisions =
                    any.ints(1 + any.nextInt(5), 0, 4)
                            .mapToObj(i -> Precision.values()[i])
                            .toList();
            float[] values = new float[length * precisions.size()];
            for (int i = 0; i < values.length; i++) {
                values[i] = any.nextInt(6) == 0 ? 0 : (float) any.nextGaussian();
            }
            return new Sample(values, length, precisions);
        }

        QuantisedVectors encoded() {
            return QuantisedVectors.encode(values, length, precisions);
        }
    }
}
