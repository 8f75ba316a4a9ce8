package dev.espalier.lm.train;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;

/** Tells two runs apart that must not continue each other. Gives no text away. */
final class Fingerprint {

    private Fingerprint() {}

    /**
     * SHA-256 over all settings and all examples in their order, as hexadecimal digits.
     *
     * @param settings print as what they mean
     */
    static String of(List<?> settings, Task task) {
        MessageDigest digest = sha256();
        String text = settings.stream().map(Object::toString).collect(Collectors.joining("\n"));
        digest.update(text.getBytes(StandardCharsets.UTF_8));
        for (int example = 0; example < task.size(); example++) {
            int[] content = task.content(example);
            ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES * (1 + content.length));
            bytes.putInt(content.length);
            bytes.asIntBuffer().put(content);
            digest.update(bytes.rewind());
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
