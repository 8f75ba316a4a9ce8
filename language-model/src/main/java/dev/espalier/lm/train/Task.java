package dev.espalier.lm.train;

import dev.espalier.lm.adapter.LiveAdapter;
import dev.espalier.lm.cost.BatchShape;

/** Examples of one kind, named by number from 0, and how a model learns from them. Immutable. */
interface Task {

    int size();

    /** Tokens of an example. */
    int length(int example);

    /** What a batch comes to when it is padded to its longest. */
    BatchShape shape(int[] batch);

    /** How many predictions of an example the mean loss counts. */
    int predictions(int example);

    /** Everything that makes an example what it is. */
    int[] content(int example);

    /**
     * Adds {@code weight} times the gradient of the mean loss to that of every trained array.
     *
     * @return the mean loss
     */
    double backward(LiveAdapter adapter, int[] batch, Masks masks, double weight);
}
