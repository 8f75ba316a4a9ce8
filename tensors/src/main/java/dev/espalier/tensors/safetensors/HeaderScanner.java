package dev.espalier.tensors.safetensors;

/**
 * Reads the few JSON tokens that a safetensors header may hold: punctuation, strings, natural
 * numbers.
 *
 * <p>It never recurses and never trusts a length. The header's grammar has a fixed depth, so deeper
 * nesting fails at its first bracket.
 */
final class HeaderScanner {

    private final String text;
    private int at;

    HeaderScanner(String text) {
        this.text = text;
    }

    /** Takes {@code wanted} or refuses, after white space. */
    void expect(char wanted) throws MalformedSafetensorsException {
        if (!accept(wanted)) {
            throw refused("expected '" + wanted + "'");
        }
    }

    /** Takes {@code wanted} if it comes next, after white space. */
    boolean accept(char wanted) {
        skipWhiteSpace();
        if (at < text.length() && text.charAt(at) == wanted) {
            at++;
            return true;
        }
        return false;
    }

    /** A comma, then true; the closing bracket, then false. */
    boolean another(char closing) throws MalformedSafetensorsException {
        if (accept(',')) {
            return true;
        }
        expect(closing);
        return false;
    }

    void expectEnd() throws MalformedSafetensorsException {
        skipWhiteSpace();
        if (at != text.length()) {
            throw refused("text after the closing brace");
        }
    }

    /** RFC 8259, section 7, without lone surrogates: those have no UTF-8 form. */
    String string() throws MalformedSafetensorsException {
        expect('"');
        StringBuilder value = new StringBuilder();
        for (char c = next(); c != '"'; c = next()) {
            if (c < 0x20) {
                throw refused("a raw control character in a string");
            }
            value.append(c == '\\' ? escaped() : c);
        }
        requirePairedSurrogates(value);
        return value.toString();
    }

    /** A whole number from 0 to 2^63 - 1: no sign, no fraction, no exponent, no leading zero. */
    long natural() throws MalformedSafetensorsException {
        skipWhiteSpace();
        int start = at;
        long value = 0;
        while (at < text.length() && isDigit(text.charAt(at))) {
            int digit = text.charAt(at++) - '0';
            if (value > (Long.MAX_VALUE - digit) / 10) {
                throw refused("a number beyond 2^63 - 1");
            }
            value = value * 10 + digit;
        }
        if (at == start || (text.charAt(start) == '0' && at - start > 1)) {
            throw refused("expected a whole number that is not negative");
        }
        return value;
    }

    MalformedSafetensorsException refused(String reason) {
        return new MalformedSafetensorsException("header: " + reason + " at character " + at);
    }

    private void skipWhiteSpace() {
        while (at < text.length() && isWhiteSpace(text.charAt(at))) {
            at++;
        }
    }

    private char next() throws MalformedSafetensorsException {
        if (at == text.length()) {
            throw refused("ends in the middle of a string");
        }
        return text.charAt(at++);
    }

    private char escaped() throws MalformedSafetensorsException {
        char c = next();
        return switch (c) {
            case '"', '\\', '/' -> c;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> unicode();
            default -> throw refused("an unknown escape");
        };
    }

    private char unicode() throws MalformedSafetensorsException {
        int value = 0;
        for (int i = 0; i < 4; i++) {
            value = value * 16 + hexDigit(next());
        }
        return (char) value;
    }

    private int hexDigit(char c) throws MalformedSafetensorsException {
        if (isDigit(c)) {
            return c - '0';
        }
        char lower = (char) (c | 0x20);
        if (lower < 'a' || lower > 'f') {
            throw refused("an escape that is not four hexadecimal digits");
        }
        return lower - 'a' + 10;
    }

    private void requirePairedSurrogates(CharSequence value) throws MalformedSafetensorsException {
        boolean lone =
                value.codePoints()
                        .anyMatch(c -> c <= Character.MAX_VALUE && Character.isSurrogate((char) c));
        if (lone) {
            throw refused("half of a surrogate pair");
        }
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private static boolean isWhiteSpace(char c) {
        return c == ' ' || c == '\n' || c == '\r' || c == '\t';
    }
}
