package dev.espalier.agent.data;

import dev.espalier.protocol.Digest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Tells rows to train on from rows held out, by what the row says and nothing else: the same row is
 * on the same side in every run, in every order, in every company.
 */
final class HeldOutDraw {

    private final double share;
    private final long seed;

    HeldOutDraw(double share, long seed) {
        this.share = share;
        this.seed = seed;
    }

    boolean isHeldOut(RawRow row) {
        PrivateText group = row.group();
        if (group != null && !group.isBlank()) {
            return below(share, "group", group, null);
        }
        return below(share, "text", row.text(), row.secondText());
    }

    private boolean below(
            double limit, String kind, PrivateText first, @Nullable PrivateText second) {
        MessageDigest hash = Digest.sha256();
        hash.update((seed + "\n" + kind + "\n").getBytes(StandardCharsets.UTF_8));
        hash.update(plain(first));
        hash.update((byte) 0);
        if (second != null) {
            hash.update(plain(second));
        }
        long bits = ByteBuffer.wrap(hash.digest()).getLong() >>> 11; // what a double can hold
        return bits * 0x1p-53 < limit;
    }

    /** Case and white space make no different text. */
    private static byte[] plain(PrivateText text) {
        String plain = text.reveal().strip().replaceAll("\\s+", " ").toLowerCase(Locale.ROOT);
        return plain.getBytes(StandardCharsets.UTF_8);
    }
}
