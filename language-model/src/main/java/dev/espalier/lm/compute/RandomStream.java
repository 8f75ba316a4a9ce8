package dev.espalier.lm.compute;

import java.nio.charset.StandardCharsets;

/**
 * A seeded stream of random numbers that is the same on every machine and Java version: SplitMix64
 * (Steele, Lea, Flood 2014).
 *
 * <p>A stream is named by a seed and a path, such as (step, layer), so each place that draws has
 * its own, and resuming means naming the same stream again instead of storing its position.
 */
public final class RandomStream {

    private static final long GOLDEN_GAMMA = 0x9e3779b97f4a7c15L;
    private static final long PATH_MULTIPLIER =
            0xd1342543de82ef95L; // odd, of Steele and Vigna 2021

    private long state;

    private RandomStream(long state) {
        this.state = state;
    }

    /** The stream of that seed at that place. */
    public static RandomStream of(long seed, long... path) {
        long state = mixed(seed + GOLDEN_GAMMA);
        for (long part : path) {
            state = mixed(state ^ (part * PATH_MULTIPLIER)) + GOLDEN_GAMMA; // order matters
        }
        return new RandomStream(state);
    }

    /** The stream of that seed for the thing of that name. */
    public static RandomStream of(long seed, String name) {
        long hash = 0xcbf29ce484222325L; // FNV-1a: String.hashCode has only 32 bits
        for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ (b & 0xff)) * 0x100000001b3L;
        }
        return of(seed, hash);
    }

    public long nextLong() {
        state += GOLDEN_GAMMA;
        return mixed(state);
    }

    /** Uniform in [0, 1). */
    public double nextUnit() {
        return (nextLong() >>> 11) * 0x1p-53;
    }

    /** Uniform in [0, bound); the bias is below bound / 2^64. */
    public int nextInt(int bound) {
        return (int) Math.unsignedMultiplyHigh(nextLong(), bound);
    }

    /** Standard normal, by Box and Muller with strict arithmetic. */
    public double nextGaussian() {
        double radius = StrictMath.sqrt(-2 * StrictMath.log(1 - nextUnit()));
        return radius * StrictMath.cos(2 * Math.PI * nextUnit());
    }

    /** Puts {@code order} into random order (Fisher and Yates). */
    public void shuffle(int[] order) {
        for (int i = order.length - 1; i > 0; i--) {
            int j = nextInt(i + 1);
            int held = order[i];
            order[i] = order[j];
            order[j] = held;
        }
    }

    private static long mixed(long z) {
        long a = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        long b = (a ^ (a >>> 27)) * 0x94d049bb133111ebL;
        return b ^ (b >>> 31);
    }
}
