package dev.espalier.tensors.safetensors;

/**
 * A name from a stranger's file, made fit for an error message: short, one line, nothing invisible.
 */
public final class Quoted {

    private static final int LONGEST = 120;

    private Quoted() {}

    /** The name in quotes, at most 120 characters, all of them visible ASCII. */
    public static String of(String name) {
        StringBuilder safe = new StringBuilder("'");
        name.codePoints().limit(LONGEST).forEach(c -> safe.appendCodePoint(isPlain(c) ? c : '?'));
        return safe.append(name.codePointCount(0, name.length()) > LONGEST ? "...'" : "'")
                .toString();
    }

    private static boolean isPlain(int codePoint) {
        return codePoint >= 0x20 && codePoint < 0x7f;
    }
}
