package dev.espalier.tensors.combine;

/** What an element becomes that responders could have contributed to and none did. */
public enum Fallback {
    /** It keeps its value. */
    PREVIOUS,
    /** It becomes 0: everybody pruned it. */
    ZERO
}
