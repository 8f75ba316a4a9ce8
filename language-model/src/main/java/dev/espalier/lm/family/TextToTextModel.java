package dev.espalier.lm.family;

import ai.djl.ndarray.NDArray;

/** A model that reads a whole text and foretells another, every token from those before it. */
public non-sealed interface TextToTextModel extends ModelFamily {

    @Override
    TextToTextModel keeping(HeadMask mask);

    /**
     * What the encoder makes of some texts. Valid as long as the workspace of the pass that made
     * it.
     *
     * @param states [batch, source time, hidden]; anything on padding
     * @param mask [batch, 1, 1, source time], as {@link TokenBatch#mask}
     */
    record Encoded(NDArray states, NDArray mask) {}

    Encoded encode(Forward pass, TokenBatch source);

    /**
     * What the decoder makes of each target token, those before it, and the source. Apart from
     * {@link #encode}, so that a text is read once, however many tokens are written after it; apart
     * from {@link #logits} as in {@link CausalLanguageModel}.
     *
     * @param encoded as many texts as the target has, or one for all of them
     * @param target padded on the right; begins with {@link #startToken}
     * @return [batch, target time, hidden], after the last normalisation
     */
    NDArray decode(Forward pass, Encoded encoded, TokenBatch target);

    /**
     * What enters a layer of the decoder: all that lies below.
     *
     * @param layer counted from the decoder's first, up to their number
     * @param pass one that begins somewhere enters the decoder there, not the encoder
     * @return [batch, target time, hidden]
     */
    NDArray statesBefore(int layer, Forward pass, Encoded encoded, TokenBatch target);

    /**
     * @param states [..., hidden]
     * @return [..., vocabulary], for the token that comes next
     */
    NDArray logits(Forward pass, NDArray states);

    /** The id that every target begins with. */
    int startToken();

    /** The id that stands for a target token that nobody is told. */
    int paddingToken();
}
