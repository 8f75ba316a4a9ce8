package dev.espalier.lm.family;

import ai.djl.ndarray.NDArray;

/**
 * Sees the inside of a forward pass. Arrays are valid during the call only.
 *
 * <p>With an observer every row of the last layer is computed, though classification needs one.
 */
public interface ForwardObserver {

    /**
     * @param index 0 is the embeddings, i the output of layer i; a decoder after an encoder goes on
     *     counting, its embeddings first
     * @param states [batch, time, hidden]
     */
    void hiddenStates(int index, NDArray states);

    /**
     * Not called for a block that has no heads.
     *
     * @param block number of the attention block, in the order of {@link
     *     ModelStructure#attention()}
     * @param probabilities [batch, head, query, key], after softmax, before dropout
     */
    void attention(int block, NDArray probabilities);
}
