package dev.espalier.orchestrator.assignment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.protocol.AssignmentId;
import dev.espalier.protocol.Digest;
import java.nio.charset.StandardCharsets;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

class UploadTokensTest {

    private static final AssignmentId ONE =
            AssignmentId.parse("0192f0c1-7c1e-7a51-9d55-3c0d6f9d2a11");
    private static final AssignmentId OTHER =
            AssignmentId.parse("0192f0c1-7c1e-7a51-9d55-3c0d6f9d2a12");

    @Test
    void areTheSameAfterARestart() {
        assertThat(tokens("key").of(ONE)).isEqualTo(tokens("key").of(ONE));
    }

    @Test
    void differByAssignmentAndByKey() {
        assertThat(tokens("key").of(ONE))
                .isNotEqualTo(tokens("key").of(OTHER))
                .isNotEqualTo(tokens("other key").of(ONE));
    }

    @Test
    void areCheckedByTheirHash() {
        String token = tokens("key").of(ONE);

        assertThat(tokens("key").hashOf(ONE))
                .isEqualTo(Digest.of(token.getBytes(StandardCharsets.US_ASCII)));
        assertThat(token).matches("[A-Za-z0-9_-]{43}");
    }

    private static UploadTokens tokens(String key) {
        return new UploadTokens(
                new SecretKeySpec(key.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
    }
}
