package dev.espalier.lm.train;

import dev.espalier.lm.adapter.AdapterSettings;
import dev.espalier.lm.compute.Precision;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Tells two runs apart that must not continue each other. Gives no text away. */
final class Fingerprint {

    private Fingerprint() {}

    /** SHA-256 over all settings and all examples in their order, as hexadecimal digits. */
    static String of(
            AdapterSettings adapter, TrainingSettings training, Precision precision, Task task) {
        MessageDigest digest = sha256();
        String settings = adapter + "\n" + training + "\n" + precision;
        digest.update(settings.getBytes(StandardCharsets.UTF_8));
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
