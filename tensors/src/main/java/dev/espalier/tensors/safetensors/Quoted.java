package dev.espalier.tensors.safetensors;

/**
 * A name from a stranger's file, made fit for an error message: short, one line, nothing invisible.
 */
final class Quoted {

    private static final int LONGEST = 120;

    private Quoted() {}

    static String of(String name) {
        StringBuilder safe = new StringBuilder("'");
        name.codePoints().limit(LONGEST).forEach(c -> safe.appendCodePoint(isPlain(c) ? c : '?'));
        return safe.append(name.length() > LONGEST ? "…'" : "'").toString();
    }

    private static boolean isPlain(int codePoint) {
        return codePoint >= 0x20 && codePoint < 0x7f;
    }
}
