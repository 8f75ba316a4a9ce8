package dev.espalier.lm.family;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import dev.espalier.lm.family.KeyValueMemory.KeysAndValues;
import java.util.List;

/**
 * The part of attention that is the same in every family (Vaswani et al. 2017; shared keys and
 * values: Ainslie et al. 2023).
 *
 * <pre>
 *   a = softmax(q kᵀ + bias)        [B, heads, Q, T]
 *   y = concat(dropout(a) v)        [B, Q, heads · d]
 * </pre>
 *
 * How q, k and v come about, how they are scaled, and what is done with y is the family's own.
 */
public final class Attention {

    private Attention() {}

    /** [B, T, heads · d] to [B, heads, T, d], with as many heads as there are. */
    public static NDArray split(NDArray x, int headSize) {
        Shape shape = x.getShape();
        long heads = shape.get(2) / headSize;
        return x.reshape(shape.get(0), -1, heads, headSize).transpose(0, 2, 1, 3);
    }

    /**
     * @param block the heads that are left of it, at least one
     * @param q [B, heads, Q, d], scaled
     * @param k [B, keyValueHeads, T, d]; in a pass that reads on, of its own tokens
     * @param v as k
     * @param bias added to the scores, broadcast to [B, heads, Q, T]; with an axis of heads it has
     *     those of the whole block
     * @param dropout probability that an attention is dropped
     * @return [B, Q, heads · d]
     */
    public static NDArray mix(
            Forward pass,
            BlockHeads block,
            NDArray q,
            NDArray k,
            NDArray v,
            NDArray bias,
            double dropout) {
        Shape asked = q.getShape();
        long batch = asked.get(0);
        long heads = asked.get(1);
        long rows = asked.get(2);
        KeysAndValues met = pass.met(block, k, v);
        NDArray keys = evened(met.keys(), block);
        // heads that share keys and values lie one below the other: k and v need no copies
        long groups = keys.getShape().get(1);
        NDArray grouped = q.reshape(batch, groups, -1, asked.get(3));
        NDArray scores = grouped.matMul(keys.transpose(0, 1, 3, 2));
        NDArray a = scores.reshape(batch, heads, rows, -1).add(left(bias, block)).softmax(-1);
        pass.showAttention(block.number(), a);
        NDArray kept = pass.dropout(a, dropout).reshape(scores.getShape());
        NDArray mixed = kept.matMul(evened(met.values(), block)).reshape(asked); // [B, heads, Q, d]
        return mixed.transpose(0, 2, 1, 3).reshape(batch, rows, -1);
    }

    /** Every head gets keys of its own where some are asked by more heads than others. */
    private static NDArray evened(NDArray k, BlockHeads block) {
        return block.isEven() ? k : heads(k, block.keyValuePlaces());
    }

    /** The rows of a bias that belong to heads that are left. */
    private static NDArray left(NDArray bias, BlockHeads block) {
        boolean alike = bias.getShape().get(1) == 1;
        return alike || block.isWhole() ? bias : heads(bias, block.kept());
    }

    /**
     * @param x [B, heads, ...]
     * @param numbers of heads, in any order, repeated as wanted
     */
    private static NDArray heads(NDArray x, List<Integer> numbers) {
        NDList chosen = new NDList();
        for (int head : numbers) {
            chosen.add(x.get(new NDIndex(":,{}:{}", head, head + 1)));
        }
        return NDArrays.concat(chosen, 1);
    }
}
