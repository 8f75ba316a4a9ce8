package dev.espalier.local.corpus;

/**
 * One text with what it is.
 *
 * @param source where it came from, for people; unique within a corpus
 */
public record LabelledText(String source, String label, String text) {

    /** Without the text: whatever prints this must not print somebody's mail. */
    @Override
    public String toString() {
        return "LabelledText[%s, %s, %d chars]".formatted(source, label, text.length());
    }
}
