package dev.espalier.agent.data;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a delimited file into records, each as the lines it covers: more than one where a quoted
 * field holds line ends. A quote that is never closed costs its own line and no other.
 */
final class RecordLines {

    /** No field is longer than this; a quote open for so long was opened by mistake. */
    private static final int MAX_LINES = 5_000;

    private final TextFile file;
    private final char delimiter;
    private final @Nullable Character quote;
    private final Deque<String> pushedBack = new ArrayDeque<>();
    private long line;

    RecordLines(TextFile file, char delimiter, @Nullable Character quote) {
        this.file = file;
        this.delimiter = delimiter;
        this.quote = quote;
    }

    /**
     * @param line where it begins, from 1
     * @param complete whether every quote is closed
     */
    record Lines(long line, String text, boolean complete) {}

    /** The next record; null after the last one. */
    @Nullable Lines next() throws IOException {
        String first = nextLine();
        if (first == null) {
            return null;
        }
        long begin = line;
        List<String> lines = new ArrayList<>(List.of(first));
        Quote after = scan(first, Quote.CLOSED);
        while (after == Quote.OPEN && lines.size() < MAX_LINES) {
            String more = nextLine();
            if (more == null) {
                break;
            }
            lines.add(more);
            after = scan(more, Quote.OPEN);
        }
        return after == Quote.CLOSED
                ? new Lines(begin, String.join("\n", lines), true)
                : giveUp(begin, lines);
    }

    /** How the last quoted field stands. */
    private enum Quote {
        CLOSED,
        OPEN,
        /** Something follows the closing quote, so it was opened or closed by mistake. */
        BROKEN
    }

    private Lines giveUp(long begin, List<String> lines) {
        for (int i = lines.size() - 1; i > 0; i--) {
            pushedBack.addFirst(lines.get(i));
        }
        line = begin;
        return new Lines(begin, lines.getFirst(), false);
    }

    private @Nullable String nextLine() throws IOException {
        line++;
        return pushedBack.isEmpty() ? file.next() : pushedBack.removeFirst();
    }

    private Quote scan(String text, Quote before) {
        if (quote == null) {
            return Quote.CLOSED;
        }
        int at = before == Quote.OPEN ? 0 : behindOpening(text, 0, quote);
        while (at >= 0) {
            int closing = closing(text, at, quote);
            if (closing < 0) {
                return Quote.OPEN;
            }
            int next = behindBlanks(text, closing + 1);
            if (next == text.length()) {
                return Quote.CLOSED;
            }
            if (text.charAt(next) != delimiter) {
                return Quote.BROKEN;
            }
            at = behindOpening(text, next + 1, quote);
        }
        return Quote.CLOSED;
    }

    /** Behind the quote that opens the next quoted field; -1 if there is none. */
    private int behindOpening(String text, int field, char quote) {
        int at = field;
        while (at >= text.length() || text.charAt(at) != quote) {
            int end = text.indexOf(delimiter, at);
            if (end < 0) {
                return -1;
            }
            at = end + 1;
        }
        return at + 1;
    }

    /** The next quote that is not doubled; -1 if there is none. */
    private static int closing(String text, int from, char quote) {
        int at = text.indexOf(quote, from);
        while (at >= 0 && at + 1 < text.length() && text.charAt(at + 1) == quote) {
            at = text.indexOf(quote, at + 2);
        }
        return at;
    }

    private static int behindBlanks(String text, int from) {
        int at = from;
        while (at < text.length() && text.charAt(at) == ' ') {
            at++;
        }
        return at;
    }
}
