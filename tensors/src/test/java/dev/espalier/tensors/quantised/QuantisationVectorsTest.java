package dev.espalier.tensors.quantised;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.espalier.tensors.Vectors;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

class QuantisationVectorsTest {

    static Stream<Arguments> cases() {
        return Vectors.of("quantisation.json");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void bitsAreThoseOfTheVector(JsonNode one) {
        JsonNode in = one.get("input");
        JsonNode expected = one.get("expected");
        if (in.has("x")) {
            oneVector(in, expected);
        } else {
            budgets(in, expected);
        }
    }

    private static void oneVector(JsonNode in, JsonNode expected) {
        float[] x = Vectors.floats(in.get("x"));
        Precision precision = Precision.of(in.get("bits").asInt());
        QuantisedVectors coded = QuantisedVectors.encode(x, x.length, List.of(precision));
        float[] decoded = new float[x.length];
        coded.asRows().read(0, decoded, 0, x.length);

        float scale =
                coded.bytes()
                        .get(
                                ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN),
                                0);
        assertThat((double) scale).isCloseTo(expected.get("scale").asDouble(), within(1e-12));
        assertThat(codes(coded.bytes(), precision, x.length))
                .isEqualTo(
                        Arrays.stream(Vectors.doubles(expected.get("codes")))
                                .mapToInt(code -> (int) code)
                                .toArray());
        assertThat(decoded).isEqualTo(Vectors.floats(expected.get("dequantised")));
    }

    /** Written out again here, so that the layout is held by more than its own reader. */
    private static int[] codes(MemorySegment bytes, Precision precision, int length) {
        int[] codes = new int[length];
        for (int i = 0; i < length; i++) {
            if (precision == Precision.INT8) {
                codes[i] = bytes.get(ValueLayout.JAVA_BYTE, 4 + i);
            } else {
                int pair = bytes.get(ValueLayout.JAVA_BYTE, 4 + i / 2);
                codes[i] = (i % 2 == 0 ? pair << 28 : pair << 24) >> 28;
            }
        }
        return codes;
    }

    private static void budgets(JsonNode in, JsonNode expected) {
        int n = in.get("n").asInt();
        double[] scores = Vectors.doubles(in.get("scores"));
        double[] budgets = Vectors.doubles(in.get("budgets"));
        for (int i = 0; i < budgets.length; i++) {
            int[] bits =
                    BitBudget.bits(
                            scores,
                            (component, precision) -> (long) n * precision.bits() / 8,
                            (long) budgets[i]);

            assertThat(Arrays.stream(bits).asDoubleStream().toArray())
                    .isEqualTo(Vectors.doubles(expected.get("bits").get(i)));
        }
    }
}
