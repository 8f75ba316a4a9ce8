package dev.espalier.orchestrator.assignment;

import dev.espalier.protocol.AssignmentId;
import dev.espalier.protocol.Digest;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.SecretKey;

/**
 * Upload tokens: the HMAC-SHA256 of the assignment's id under this server's key. So the very same
 * token is given again after a restart, and none of them is stored anywhere in clear.
 */
public final class UploadTokens {

    private static final String ALGORITHM = "HmacSHA256";

    private final SecretKey key;

    UploadTokens(SecretKey key) {
        this.key = key;
    }

    /** What the aggregation service checks the token against. */
    public Digest hashOf(AssignmentId assignment) {
        return Digest.of(of(assignment).getBytes(StandardCharsets.US_ASCII));
    }

    String of(AssignmentId assignment) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            byte[] token = mac.doFinal(assignment.toString().getBytes(StandardCharsets.US_ASCII));
            return Base64.getUrlEncoder().withoutPadding().encodeToString(token);
        } catch (GeneralSecurityException impossible) {
            throw new AssertionError("every Java platform has " + ALGORITHM, impossible);
        }
    }
}
