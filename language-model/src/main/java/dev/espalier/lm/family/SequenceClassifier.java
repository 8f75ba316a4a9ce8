package dev.espalier.lm.family;

import ai.djl.ndarray.NDArray;

/** A model that tells classes of text apart. */
public non-sealed interface SequenceClassifier extends ModelFamily {

    @Override
    SequenceClassifier keeping(HeadMask mask);

    /**
     * @return logits [batch, classes]
     */
    NDArray classify(Forward pass, TokenBatch batch);
}
