package dev.espalier.lm.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;

/** Which states of a batch predict a token, and which. */
final class Predictions {

    private final LongStream.Builder rows = LongStream.builder();
    private final LongStream.Builder targets = LongStream.builder();

    /**
     * @param row number of a state in [batch · time]
     * @param target the id that it is to predict
     */
    void add(long row, long target) {
        rows.add(row);
        targets.add(target);
    }

    /**
     * The loss of every prediction. Only states that predict something meet the vocabulary.
     *
     * @param states [batch, time, hidden]
     * @param head from [predictions, hidden] to logits [predictions, vocabulary]
     * @return [predictions, 1]
     */
    NDArray losses(NDArray states, UnaryOperator<NDArray> head) {
        NDManager manager = states.getManager();
        long[] ids = targets.build().toArray();
        NDArray all = states.reshape(-1, states.getShape().get(2));
        NDArray chosen = all.get(new NDIndex("{}", manager.create(rows.build().toArray())));
        NDArray index = manager.create(ids, new Shape(ids.length, 1));
        return head.apply(chosen).logSoftmax(-1).gather(index, 1).neg();
    }
}
