package dev.espalier.lm.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import dev.espalier.lm.tokens.Example;
import java.util.List;

/** {@code -log softmax(logits)[label]}, in nats. */
final class CrossEntropy {

    private CrossEntropy() {}

    /**
     * @param logits [batch, classes]
     * @return [batch, 1]
     */
    static NDArray perExample(NDArray logits, List<Example> examples) {
        long[] labels = examples.stream().mapToLong(Example::label).toArray();
        NDArray index = logits.getManager().create(labels, new Shape(labels.length, 1));
        return logits.logSoftmax(-1).gather(index, 1).neg();
    }

    /** The mean over the batch, without axes. */
    static NDArray mean(NDArray logits, List<Example> examples) {
        return perExample(logits, examples).mean();
    }
}
