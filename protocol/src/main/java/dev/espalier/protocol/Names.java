package dev.espalier.protocol;

import java.util.regex.Pattern;

/** The one spelling of names: safe in URLs, file names, Kubernetes labels and SQL alike. */
final class Names {

    static final String PATTERN = "[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?";

    private static final Pattern NAME = Pattern.compile(PATTERN);

    private Names() {}

    static void check(String what, String value) {
        if (value == null || !NAME.matcher(value).matches()) {
            throw new IllegalArgumentException(
                    what
                            + " must be 1 to 63 characters of a-z, 0-9, '.', '_' and '-', and begin"
                            + " and end with a letter or digit: "
                            + shortened(value));
        }
    }

    private static String shortened(String value) {
        return value == null || value.length() <= 80
                ? "'" + value + "'"
                : "'" + value.substring(0, 80) + "...'";
    }
}
