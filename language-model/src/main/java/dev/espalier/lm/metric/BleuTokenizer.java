package dev.espalier.lm.metric;

import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Cuts text into the tokens that BLEU is counted on: the rules of NIST's {@code mteval-v13a}, which
 * sacrebleu names {@code 13a} and uses unless told otherwise. Case stays.
 */
final class BleuTokenizer {

    /** What Python's {@code str.split} takes for space. */
    private static final Pattern SPACE =
            Pattern.compile("[\\s\\x1c-\\x1f]+", Pattern.UNICODE_CHARACTER_CLASS);

    /** ASCII punctuation but apostrophe, comma, dash and period. */
    private static final Pattern PUNCTUATION = Pattern.compile("([\\{-~\\[-` -&\\(-\\+:-@/])");

    private static final Pattern MARK_AFTER_NO_DIGIT = Pattern.compile("([^0-9])([.,])");
    private static final Pattern MARK_BEFORE_NO_DIGIT = Pattern.compile("([.,])([^0-9])");
    private static final Pattern DASH_AFTER_DIGIT = Pattern.compile("([0-9])(-)");

    private BleuTokenizer() {}

    static List<String> tokens(String text) {
        String line = " " + unescaped(withoutEnd(text)) + " ";
        line = PUNCTUATION.matcher(line).replaceAll(" $1 ");
        line = MARK_AFTER_NO_DIGIT.matcher(line).replaceAll("$1 $2 ");
        line = MARK_BEFORE_NO_DIGIT.matcher(line).replaceAll(" $1 $2");
        line = DASH_AFTER_DIGIT.matcher(line).replaceAll("$1 $2 ");
        return Arrays.stream(SPACE.split(line)).filter(token -> !token.isEmpty()).toList();
    }

    /** A dash that ends the whole text is no hyphenation, so trailing space goes first. */
    private static String withoutEnd(String text) {
        int end = text.length();
        while (end > 0 && SPACE.matcher(text.substring(end - 1, end)).matches()) {
            end--;
        }
        return text.substring(0, end);
    }

    private static String unescaped(String text) {
        return text.replace("<skipped>", "")
                .replace("-\n", "")
                .replace("\n", " ")
                .replace("&quot;", "\"")
                .replace("&amp;", "&")
                .replace("&lt;", "<")
                .replace("&gt;", ">");
    }
}
