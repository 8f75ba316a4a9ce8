package dev.espalier.tensors.combine;

/** Which of several elements that as many clients pruned is zeroed first (algorithms.md C.8 #3). */
public enum TieOrder {
    /** The smaller magnitude, then the lower index. */
    MAGNITUDE_THEN_INDEX,
    /** The lower index. */
    INDEX,
    /** A seeded draw. */
    SEEDED_RANDOM
}
