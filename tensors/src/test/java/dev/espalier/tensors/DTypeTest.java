package dev.espalier.tensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.jupiter.params.provider.MethodSource;

class DTypeTest {

    static LongStream seeds() {
        return LongStream.range(0, 50);
    }

    @ParameterizedTest
    @EnumSource(names = {"F16", "BF16"})
    void everyHalfSurvivesWideningAndNarrowing(DType dtype) {
        byte[] all = new byte[2 << 16];
        for (int bits = 0; bits < 1 << 16; bits++) {
            all[2 * bits] = (byte) bits;
            all[2 * bits + 1] = (byte) (bits >> 8);
        }
        float[] wide = new float[1 << 16];
        dtype.widen(MemorySegment.ofArray(all), 0, wide, 0, wide.length);
        byte[] back = new byte[all.length];
        dtype.narrow(wide, 0, wide.length, MemorySegment.ofArray(back), 0);

        for (int bits = 0; bits < 1 << 16; bits++) {
            if (!Float.isNaN(wide[bits])) {
                assertThat(new byte[] {back[2 * bits], back[2 * bits + 1]})
                        .containsExactly(all[2 * bits], all[2 * bits + 1]);
            }
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void bfloat16RoundsToTheNearestAndTiesToEven(long seed) {
        Random any = new Random(seed);
        for (int i = 0; i < 1000; i++) {
            int bits = any.nextInt() & ~0x4000_0000; // finite, and so are both neighbours
            if (i % 4 == 0) {
                bits = (bits & 0xffff_0000) | 0x8000; // a tie
            }
            float value = Float.intBitsToFloat(bits);
            float below = Float.intBitsToFloat(bits & 0xffff_0000);
            float above = Float.intBitsToFloat((bits & 0xffff_0000) + 0x1_0000);
            assertThat(DType.BF16.rounded(value)).isEqualTo(nearest(value, below, above, bits));
        }
    }

    private static float nearest(float value, float below, float above, int bits) {
        double down = Math.abs((double) value - below);
        double up = Math.abs((double) above - value);
        if (down == up) {
            return (bits & 0x1_0000) == 0 ? below : above;
        }
        return down < up ? below : above;
    }

    @Test
    void valuesBeyondTheRangeBecomeInfiniteAndNanStaysNan() {
        assertThat(DType.F16.rounded(65520)).isInfinite();
        assertThat(DType.F16.rounded(65519)).isEqualTo(65504);
        assertThat(DType.BF16.rounded(Float.MAX_VALUE)).isInfinite();
        assertThat(DType.BF16.rounded(Float.intBitsToFloat(0x7f80_0001))).isNaN();
        assertThat(DType.BF16.rounded(Float.intBitsToFloat(0xffff_ffff))).isNaN();
        assertThat(DType.BF16.rounded(-0f)).isEqualTo(-0f);
        assertThat(DType.F32.rounded(0.1f)).isEqualTo(0.1f);
    }

    @ParameterizedTest
    @EnumSource(
            names = {"F32", "F16", "BF16"},
            mode = Mode.EXCLUDE)
    void integersAndWiderNumbersAreNotFloats(DType dtype) {
        assertThat(dtype.isFloating()).isFalse();
        assertThatThrownBy(() ->
                        dtype.widen(MemorySegment.ofArray(new byte[8]), 0, new float[1], 0, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(dtype.name());
        assertThatThrownBy(() ->
                        dtype.narrow(new float[1], 0, 1, MemorySegment.ofArray(new byte[8]), 0))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> dtype.rounded(1)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F16", "BF16"})
    void longRowsAreConvertedInPieces(DType dtype) {
        float[] values = new float[10_000];
        for (int i = 0; i < values.length; i++) {
            values[i] = dtype.rounded(i * 0.37f - 900);
        }
        MemorySegment bytes = MemorySegment.ofArray(new byte[(values.length + 1) * dtype.bytes()]);
        dtype.narrow(values, 0, values.length, bytes, 1);
        float[] back = new float[values.length + 3];
        dtype.widen(bytes, 1, back, 3, values.length);

        assertThat(back).startsWith(0, 0, 0).endsWith(values);
    }
}
