package dev.espalier.protocol.job;

/** What a model is trained to do. */
public enum TaskKind {
    /** One label for a text or a pair of texts. */
    SEQUENCE_CLASSIFICATION
}
