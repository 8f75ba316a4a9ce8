package dev.espalier.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.protocol.Digest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DigestsTest {

    private static final Digest EMPTY = Digest.of(new byte[0]);

    @Test
    void theHeaderIsWrittenAsRfc9530WritesIt() {
        assertThat(Digests.header(EMPTY))
                .isEqualTo("sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:");
    }

    @Test
    void theHeaderIsFoundAmongOthers() {
        assertThat(Digests.parse("sha-512=:AAAA:, " + Digests.header(EMPTY))).contains(EMPTY);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "sha-256",
                "sha-256=:short=:",
                "sha-256=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
            })
    void whatIsNoDigestIsNone(String header) {
        assertThat(Digests.parse(header)).isEmpty();
    }
}
