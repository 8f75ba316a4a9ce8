package dev.espalier.agent.data;

/**
 * Something the owner wrote. Opens only inside this room; anywhere else it prints as its length.
 */
public final class PrivateText {

    static final PrivateText NONE = new PrivateText("");

    private final String text;

    PrivateText(String text) {
        this.text = text;
    }

    String reveal() {
        return text;
    }

    boolean isBlank() {
        return text.isBlank();
    }

    @Override
    public String toString() {
        return "PrivateText[%d chars]".formatted(text.length());
    }
}
