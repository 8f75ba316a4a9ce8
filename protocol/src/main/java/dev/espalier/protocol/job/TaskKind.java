package dev.espalier.protocol.job;

/** What a model is trained to do. */
public enum TaskKind {
    /** One label for a text or a pair of texts. */
    SEQUENCE_CLASSIFICATION,
    /** One text written from another. */
    TEXT_TO_TEXT,
    /** The next token of a running text, from those before it. */
    CAUSAL_LANGUAGE_MODELLING
}
