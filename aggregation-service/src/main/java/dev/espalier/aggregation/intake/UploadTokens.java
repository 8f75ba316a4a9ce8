package dev.espalier.aggregation.intake;

import dev.espalier.problem.ProblemException;
import dev.espalier.protocol.Digest;
import dev.espalier.protocol.problem.ProblemType;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/** Holds an {@code Authorization} header against the hash of the one token that is right. */
final class UploadTokens {

    private static final String BEARER = "Bearer ";

    private UploadTokens() {}

    /**
     * Takes the same time however much of the token is right.
     *
     * @throws ProblemException UNAUTHENTICATED
     */
    static void require(@Nullable String authorization, Digest tokenHash) {
        if (authorization == null
                || !authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
            throw refused("send the assignment's upload token as Authorization: Bearer <token>");
        }
        byte[] token =
                authorization.substring(BEARER.length()).strip().getBytes(StandardCharsets.UTF_8);
        boolean right =
                MessageDigest.isEqual(
                        Digest.of(token).hex().getBytes(StandardCharsets.US_ASCII),
                        tokenHash.hex().getBytes(StandardCharsets.US_ASCII));
        if (!right) {
            throw refused("this is not the upload token of this agent in this round");
        }
    }

    private static ProblemException refused(String detail) {
        return new ProblemException(ProblemType.UNAUTHENTICATED, detail)
                .withHeader("WWW-Authenticate", "Bearer");
    }
}
