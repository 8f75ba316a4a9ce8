package dev.espalier.orchestrator.selection;

import dev.espalier.protocol.Digest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Chance as a pure function: an unsigned 64-bit key for a seed and some ids, by SplitMix64 (Steele,
 * Lea, Flood 2014). {@code key(seed, ids..)} folds {@code h = mix(h ^ mix(id))} from {@code h0 =
 * mix(seed)}; whoever draws takes the smallest keys. Nothing is consumed, so no draw depends on the
 * order or number of others.
 */
public final class HashKeys {

    private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

    private HashKeys() {}

    public static long key(long seed, long... ids) {
        long hash = mix(seed);
        for (long id : ids) {
            hash = mix(hash ^ mix(id));
        }
        return hash;
    }

    /** The id of a name: the first 64 bits of its SHA-256. */
    public static long id(String name) {
        byte[] hash = Digest.sha256().digest(name.getBytes(StandardCharsets.UTF_8));
        return ByteBuffer.wrap(hash).getLong();
    }

    /** A key as a number in (0, 1), in the order of the keys. */
    static double unit(long key) {
        return ((key >>> 12) + 0.5) * 0x1p-52;
    }

    static long mix(long value) {
        long z = value + GOLDEN_GAMMA;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
