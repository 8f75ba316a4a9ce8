package dev.espalier.agent.data;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Counts rows that cannot be used, and remembers where the first of each kind lie. */
public final class BadRows {

    private static final int REMEMBERED = 10;

    /** What is wrong with a row; all that is ever said about its content. */
    public enum Fault {
        NO_TEXT("no text"),
        NO_LABEL("no label"),
        NO_TARGET("no text to write"),
        LABEL_NOT_MAPPED("label is not in the label map"),
        LABEL_TOO_LONG("label is longer than 100 characters"),
        TOO_FEW_COLUMNS("too few columns"),
        QUOTES_BROKEN("quotes do not match"),
        NOT_A_JSON_OBJECT("not a JSON object"),
        FIELD_OF_WRONG_TYPE("a field is not a text"),
        UNREADABLE("file cannot be read");

        private final String words;

        Fault(String words) {
            this.words = words;
        }
    }

    private final Map<Fault, List<Long>> positions = new EnumMap<>(Fault.class);
    private final Map<Fault, Long> counts = new EnumMap<>(Fault.class);

    void add(long position, Fault fault) {
        counts.merge(fault, 1L, Long::sum);
        List<Long> known = positions.computeIfAbsent(fault, none -> new ArrayList<>());
        if (known.size() < REMEMBERED) {
            known.add(position);
        }
    }

    public long count() {
        return counts.values().stream().mapToLong(Long::longValue).sum();
    }

    public long count(Fault fault) {
        return counts.getOrDefault(fault, 0L);
    }

    /** For the owner, for example {@code 3 bad rows: no label (2, at 4, 17), no text (1, at 9)}. */
    @Override
    public String toString() {
        String faults =
                counts.keySet().stream().map(this::describe).collect(Collectors.joining("; "));
        return count() + " bad rows" + (faults.isEmpty() ? "" : ": " + faults);
    }

    private String describe(Fault fault) {
        long count = count(fault);
        List<Long> known = positions.getOrDefault(fault, List.of());
        String at = known.stream().map(String::valueOf).collect(Collectors.joining(", "));
        String more = count > known.size() ? ", ..." : "";
        return "%s (%d, at %s%s)".formatted(fault.words, count, at, more);
    }
}
