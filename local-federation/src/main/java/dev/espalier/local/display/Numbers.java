package dev.espalier.local.display;

import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Numbers as people read them. */
public final class Numbers {

    private static final double MEGA = 1e6;

    private Numbers() {}

    /** 0.9733 is "97.3 %"; nothing is "-". */
    public static String percent(@Nullable Double share) {
        return share == null ? "-" : String.format(Locale.ROOT, "%.1f %%", 100 * share);
    }

    public static String decimals(int places, @Nullable Double value) {
        return value == null ? "-" : String.format(Locale.ROOT, "%." + places + "f", value);
    }

    /** In megabytes of 10^6. */
    public static String megabytes(long bytes) {
        return String.format(Locale.ROOT, "%.1f MB", bytes / MEGA);
    }

    public static String count(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    /** "4 min 05 s", or "12 s" below a minute. */
    public static String duration(Duration duration) {
        long seconds = Math.round(duration.toMillis() / 1000.0);
        return seconds < 60
                ? seconds + " s"
                : String.format(Locale.ROOT, "%d min %02d s", seconds / 60, seconds % 60);
    }

    /** A bar of that many characters, filled up to {@code share}. */
    public static String bar(double share, int width) {
        int filled = (int) Math.round(Math.clamp(share, 0, 1) * width);
        return "[" + "#".repeat(filled) + ".".repeat(width - filled) + "]";
    }
}
