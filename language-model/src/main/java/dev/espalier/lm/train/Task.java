package dev.espalier.lm.train;

import dev.espalier.lm.adapter.LiveAdapter;
import dev.espalier.lm.cost.BatchShape;
import dev.espalier.lm.tokens.TokenSequence;

/** Examples of one kind, named by number from 0, and how a model learns from them. Immutable. */
interface Task {

    int size();

    /** Tokens of an example. */
    int length(int example);

    /** What a batch comes to when it is padded to its longest. */
    BatchShape shape(int[] batch);

    /** What the first stack of the model reads of an example. */
    TokenSequence text(int example);

    /** How many predictions of an example the mean loss counts. */
    int predictions(int example);

    /** Everything that makes an example what it is. */
    int[] content(int example);

    /**
     * Adds {@code weight} times the gradient of the mean loss to that of every trained array.
     *
     * @param entrance of that very batch
     * @return the mean loss
     */
    double backward(
            LiveAdapter adapter, int[] batch, Entrance entrance, Masks masks, double weight);
}
