package dev.espalier.registry.blob;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Which bytes of a file an answer carries (RFC 9110, section 14). */
sealed interface ByteRange {

    /** Everything: 200. */
    record Whole() implements ByteRange {}

    /**
     * A part: 206.
     *
     * @param from first byte
     * @param to one past the last byte
     */
    record Part(long from, long to) implements ByteRange {}

    /** Nothing that was asked for exists: 416. */
    record Outside() implements ByteRange {}

    /** 18 digits fit a long; who asks for more asks for something else. */
    Pattern SINGLE = Pattern.compile("bytes=(\\d{0,18})-(\\d{0,18})");

    /**
     * Reads the header {@code Range}. One that is malformed, of another unit or of several parts is
     * answered with everything, as the RFC allows.
     *
     * @param header null where there is none
     * @param size of the file, in bytes
     */
    static ByteRange of(@Nullable String header, long size) {
        Matcher range = SINGLE.matcher(header == null ? "" : header.strip());
        if (!range.matches() || (range.group(1).isEmpty() && range.group(2).isEmpty())) {
            return new Whole();
        }
        if (range.group(1).isEmpty()) {
            long last = Math.min(Long.parseLong(range.group(2)), size);
            return last == 0 ? new Outside() : new Part(size - last, size);
        }
        long from = Long.parseLong(range.group(1));
        long last = range.group(2).isEmpty() ? Long.MAX_VALUE : Long.parseLong(range.group(2));
        if (last < from) {
            return new Whole();
        }
        return from >= size ? new Outside() : new Part(from, Math.min(last, size - 1) + 1);
    }
}
