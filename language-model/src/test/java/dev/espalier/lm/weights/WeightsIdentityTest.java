package dev.espalier.lm.weights;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.tensors.DType;
import dev.espalier.tensors.Shape;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WeightsIdentityTest {

    private static final int SMALL = 1 << 16;
    private static final int LARGE = 1 << 22;

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 63, 64, 40_000, SMALL - 1})
    void everyByteOfASmallTensorCounts(int place) {
        byte[] bytes = new byte[SMALL];
        bytes[place] = 1;

        assertThat(identity("w", bytes)).isNotEqualTo(identity("w", new byte[SMALL]));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 63, LARGE - 64, LARGE - 1})
    void theEndsOfALargeTensorCount(int place) {
        byte[] bytes = new byte[LARGE];
        bytes[place] = 1;

        assertThat(identity("w", bytes)).isNotEqualTo(identity("w", new byte[LARGE]));
    }

    /** Looked at are 64 bytes of every 4,096 or so. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1000, 2_000_000, LARGE - 8192})
    void aStretchOfALargeTensorCounts(int from) {
        byte[] bytes = new byte[LARGE];
        for (int i = from; i < from + 8192; i++) {
            bytes[i] = 1;
        }

        assertThat(identity("w", bytes)).isNotEqualTo(identity("w", new byte[LARGE]));
    }

    @Test
    void nameAndFormCount() {
        byte[] bytes = new byte[64];
        String known = identity("w", bytes);

        assertThat(identity("w", bytes.clone())).isEqualTo(known).hasSize(64);
        assertThat(identity("v", bytes)).isNotEqualTo(known);
        WeightsIdentity other = new WeightsIdentity();
        other.add("w", DType.F32, Shape.of(2, 8), MemorySegment.ofArray(bytes));
        assertThat(other.toHex()).isNotEqualTo(known);
    }

    private static String identity(String name, byte[] bytes) {
        WeightsIdentity identity = new WeightsIdentity();
        Shape shape = Shape.of(bytes.length / Float.BYTES);
        identity.add(name, DType.F32, shape, MemorySegment.ofArray(bytes));
        return identity.toHex();
    }
}
