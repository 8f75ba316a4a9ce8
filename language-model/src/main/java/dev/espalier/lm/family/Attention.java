package dev.espalier.lm.family;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;

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

    /** [B, T, heads · d] to [B, heads, T, d]. */
    public static NDArray split(NDArray x, int heads, int headSize) {
        long batch = x.getShape().get(0);
        return x.reshape(batch, -1, heads, headSize).transpose(0, 2, 1, 3);
    }

    /**
     * @param block number of the attention block, for the observer
     * @param q [B, heads, Q, d], scaled
     * @param k [B, keyValueHeads, T, d]
     * @param v as k
     * @param bias added to the scores, 0 or very negative, broadcast to [B, heads, Q, T]
     * @param dropout probability that an attention is dropped
     * @return [B, Q, heads · d]
     */
    public static NDArray mix(
            Forward pass,
            int block,
            NDArray q,
            NDArray k,
            NDArray v,
            NDArray bias,
            double dropout) {
        Shape asked = q.getShape();
        long batch = asked.get(0);
        long heads = asked.get(1);
        long rows = asked.get(2);
        // heads that share keys and values lie one below the other: k and v need no copies
        long groups = k.getShape().get(1);
        NDArray scores = q.reshape(batch, groups, -1, asked.get(3)).matMul(k.transpose(0, 1, 3, 2));
        NDArray a = scores.reshape(batch, heads, rows, -1).add(bias).softmax(-1);
        pass.showAttention(block, a);
        NDArray kept = pass.dropout(a, dropout).reshape(scores.getShape());
        NDArray mixed = kept.matMul(v).reshape(asked); // [B, heads, Q, d]
        return mixed.transpose(0, 2, 1, 3).reshape(batch, rows, -1);
    }
}
