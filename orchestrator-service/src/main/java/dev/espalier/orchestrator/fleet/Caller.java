package dev.espalier.orchestrator.fleet;

import dev.espalier.protocol.Digest;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/**
 * Who calls, as far as the request itself says. Made by the one identity filter, which hashes what
 * it was shown at once: no secret comes any further.
 */
public sealed interface Caller {

    /** Under this name a request carries its caller. */
    String ATTRIBUTE = "dev.espalier.orchestrator.caller";

    /** Shows nothing. */
    record Nobody() implements Caller {}

    /**
     * Shows a secret or token.
     *
     * @param shown the SHA-256 of it
     */
    record Bearer(Digest shown) implements Caller {}

    static Caller showing(String secret) {
        return new Bearer(hash(secret));
    }

    static Digest hash(String secret) {
        return Digest.of(secret.getBytes(StandardCharsets.UTF_8));
    }

    /** In constant time, whatever was shown. */
    default boolean shows(Digest expected) {
        return switch (this) {
            case Nobody nobody -> false;
            case Bearer bearer -> MessageDigest.isEqual(bytes(bearer.shown()), bytes(expected));
        };
    }

    private static byte[] bytes(Digest digest) {
        return digest.hex().getBytes(StandardCharsets.US_ASCII);
    }
}
