package dev.espalier.lm.head;

/** Among which heads the best are chosen (algorithms.md A.8, number 3). */
public enum HeadScope {
    /** Among all heads of the model; a block may lose all. */
    GLOBAL,
    /** Among the heads of each block, the same share of each. */
    PER_BLOCK,
    /**
     * The last block first, its heads by score, then the block before it: the fewer blocks keep
     * heads, the less of the model is run backward. Ours.
     */
    TOP_BLOCKS
}
