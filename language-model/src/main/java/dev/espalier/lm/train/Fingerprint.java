package dev.espalier.lm.train;

import dev.espalier.lm.adapter.AdapterSettings;
import dev.espalier.lm.tokens.Example;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** Tells two runs apart that must not continue each other. Gives no text away. */
final class Fingerprint {

    private Fingerprint() {}

    /** SHA-256 over all settings and all examples in their order, as hexadecimal digits. */
    static String of(AdapterSettings adapter, TrainingSettings training, List<Example> examples) {
        MessageDigest digest = sha256();
        digest.update((adapter + "\n" + training).getBytes(StandardCharsets.UTF_8));
        for (Example example : examples) {
            int length = example.tokens().length();
            ByteBuffer bytes = ByteBuffer.allocate(4 * (2 + 2 * length));
            bytes.putInt(example.label()).putInt(length);
            for (int t = 0; t < length; t++) {
                bytes.putInt(example.tokens().id(t)).putInt(example.tokens().type(t));
            }
            digest.update(bytes.flip());
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
