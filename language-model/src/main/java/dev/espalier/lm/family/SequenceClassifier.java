package dev.espalier.lm.family;

import ai.djl.ndarray.NDArray;

/** A model that tells classes of text apart. */
public non-sealed interface SequenceClassifier extends ModelFamily {

    /**
     * @return logits [batch, classes]
     */
    NDArray classify(Forward pass, TokenBatch batch);
}
