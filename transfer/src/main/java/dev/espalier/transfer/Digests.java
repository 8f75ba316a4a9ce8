package dev.espalier.transfer;

import dev.espalier.protocol.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** SHA-256 of files, and as the header {@code Repr-Digest} writes it (RFC 9530). */
public final class Digests {

    public static final String HEADER = "Repr-Digest";

    private static final int BUFFER = 256 * 1024;
    private static final Pattern SHA_256 =
            Pattern.compile("(?:^|,\\s*)sha-256=:([A-Za-z0-9+/]{43}=):");

    private Digests() {}

    public static Digest of(Path file) throws IOException {
        MessageDigest hash = Digest.sha256();
        try (InputStream in = Files.newInputStream(file)) {
            byte[] buffer = new byte[BUFFER];
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                hash.update(buffer, 0, read);
            }
        }
        return Digest.finish(hash);
    }

    public static String header(Digest digest) {
        return "sha-256=:"
                + Base64.getEncoder().encodeToString(HexFormat.of().parseHex(digest.hex()))
                + ":";
    }

    /** Empty where the header names no well-formed SHA-256. */
    public static Optional<Digest> parse(String header) {
        Matcher matcher = SHA_256.matcher(header);
        return matcher.find()
                ? Optional.of(
                        new Digest(
                                HexFormat.of()
                                        .formatHex(Base64.getDecoder().decode(matcher.group(1)))))
                : Optional.empty();
    }
}
