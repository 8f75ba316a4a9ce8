package dev.espalier.lm.family;

import ai.djl.ndarray.NDArray;
import dev.espalier.tensors.Shape;
import java.util.SortedMap;

/**
 * One model of a family as its {@code config.json} describes it: names, shapes and equations, no
 * weights. Immutable, so one instance serves all threads.
 *
 * <p>A new family implements this in a sub-package of its own and is named in {@code
 * base.BaseModel}.
 */
public interface ModelFamily {

    ModelStructure structure();

    /** The class of transformers that computes the same, for {@code architectures}. */
    String classifierArchitecture();

    /** Every tensor the forward pass reads, task head apart, by canonical name. */
    SortedMap<String, Shape> tensors();

    /**
     * The name we use for a stored tensor: that of the sequence classification class in
     * transformers. Checkpoints of the bare model, and old ones, store others.
     */
    String canonicalName(String stored);

    /**
     * Sequence classification.
     *
     * @return logits [batch, classes]
     */
    NDArray classify(Forward pass, TokenBatch batch);
}
