package dev.espalier.agent.data;

import java.util.Map;

/** From the label in the owner's file to the label that jobs use. */
final class LabelMap {

    private static final int LONGEST = 100;

    private final Map<String, String> names;

    LabelMap(Map<String, String> names) {
        this.names = names;
    }

    /** What the owner's label means. */
    sealed interface Meaning {

        record Label(String name) implements Meaning {}

        /** The owner mapped it to nothing. */
        record LeftOut() implements Meaning {}

        record Unusable(BadRows.Fault fault) implements Meaning {}
    }

    boolean isGiven() {
        return !names.isEmpty();
    }

    Meaning of(PrivateText raw) {
        String label = raw.reveal().strip();
        if (label.isEmpty()) {
            return new Meaning.Unusable(BadRows.Fault.NO_LABEL);
        }
        if (isGiven()) {
            String name = names.get(label);
            return name == null
                    ? new Meaning.Unusable(BadRows.Fault.LABEL_NOT_MAPPED)
                    : named(name);
        }
        return label.length() > LONGEST
                ? new Meaning.Unusable(BadRows.Fault.LABEL_TOO_LONG)
                : named(label);
    }

    private static Meaning named(String name) {
        return name.isEmpty() ? new Meaning.LeftOut() : new Meaning.Label(name);
    }
}
