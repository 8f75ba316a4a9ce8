package dev.espalier.lm.family;

/** Who asks whom in an attention block. */
public enum AttentionKind {
    /** Tokens of a text ask all tokens of the same text. */
    ENCODER,
    /** Tokens of a text ask themselves and those before them. */
    DECODER,
    /** Tokens that are written ask all tokens of the text that was read. */
    CROSS
}
