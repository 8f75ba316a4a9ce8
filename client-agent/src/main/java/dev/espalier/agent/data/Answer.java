package dev.espalier.agent.data;

/** What a row teaches. */
sealed interface Answer {

    /**
     * The class of its text.
     *
     * @param name as jobs call it; this alone is not private
     */
    record Label(String name) implements Answer {}

    /** The text that is to be written after reading the row's. */
    record Target(PrivateText text) implements Answer {}

    /** Nothing but the row's own text, which is to be continued token by token. */
    record Itself() implements Answer {}
}
