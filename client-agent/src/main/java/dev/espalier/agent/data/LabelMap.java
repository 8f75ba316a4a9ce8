package dev.espalier.agent.data;

import java.util.Map;

/** From the label in the owner's file to the label that jobs use. */
final class LabelMap implements Meaning.Reader {

    private static final int LONGEST = 100;

    private final Map<String, String> names;

    LabelMap(Map<String, String> names) {
        this.names = names;
    }

    @Override
    public Meaning of(PrivateText raw) {
        String label = raw.reveal().strip();
        if (label.isEmpty()) {
            return new Meaning.Unusable(BadRows.Fault.NO_LABEL);
        }
        if (!names.isEmpty()) {
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
        return name.isEmpty() ? new Meaning.LeftOut() : new Meaning.Useful(new Answer.Label(name));
    }
}
