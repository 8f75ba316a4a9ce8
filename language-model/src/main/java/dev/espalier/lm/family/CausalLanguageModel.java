package dev.espalier.lm.family;

import ai.djl.ndarray.NDArray;

/** A model that foretells every token from those before it. */
public non-sealed interface CausalLanguageModel extends ModelFamily {

    @Override
    CausalLanguageModel keeping(HeadMask mask);

    /**
     * What the model makes of each token and those before it. In two parts with {@link #logits}, so
     * that rows nobody asks for are not multiplied with the whole vocabulary.
     *
     * @param batch padded on either side
     * @return [batch, time, hidden], after the last normalisation; anything on padding
     */
    NDArray states(Forward pass, TokenBatch batch);

    /**
     * @param states [..., hidden]
     * @return [..., vocabulary], for the token that comes next
     */
    NDArray logits(Forward pass, NDArray states);
}
