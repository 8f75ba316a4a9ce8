package dev.espalier.protocol.model;

/** What the files of a version are. */
public enum VersionKind {
    /** A whole model as a Hugging Face folder; the frozen base of jobs. */
    BASE,
    /** A PEFT adapter folder; needs the base version that its manifest names. */
    ADAPTER,
    /**
     * A whole model as a Hugging Face folder: a base with an adapter, or what clients trained,
     * merged into it. With a structure it serves as the base of adapters and jobs too.
     */
    MERGED
}
