package dev.espalier.lm.family.bert;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.nn.Activation;
import dev.espalier.lm.family.Attention;
import dev.espalier.lm.family.AttentionBlock;
import dev.espalier.lm.family.BlockHeads;
import dev.espalier.lm.family.Forward;
import dev.espalier.lm.family.ModelHeads;

/**
 * The layers that BERT and RoBERTa have in common (Vaswani et al. 2017, normalised after each
 * sublayer).
 *
 * <pre>
 *   q, k, v = split(x Wq + bq), heads(x Wk + bk), heads(x Wv + bv)           [B, heads, T, d]
 *   a    = softmax(q kᵀ / sqrt(d) + mask)                                    [B, heads, T, T]
 *   x    = LayerNorm(x + concat(a v) Wo + bo)                                [B, T, H]
 *   x    = LayerNorm(x + gelu(x Wi + bi) Wf + bf)                            [B, T, H]
 * </pre>
 *
 * gelu is the exact form x Φ(x). Dropout, where it is on, follows a and both sublayers. Only row 0
 * of the last layer reaches the logits, so only that row's query, output and feed-forward are
 * computed there. Where heads were removed, q, k, v and Wo are that much smaller; of a block
 * without heads only bo is left.
 */
record EncoderLayers(EncoderConfig c, EncoderNames names, ModelHeads heads) {

    private static final NDIndex FIRST_ROW = new NDIndex(":,0:1");

    /**
     * @param entering what enters the pass's first layer, [B, T, H]
     * @param mask [B, 1, 1, T]
     * @return row 0 after the last layer, [B, H]
     */
    NDArray firstState(Forward pass, NDArray entering, NDArray mask) {
        pass.showHiddenStates(pass.firstLayer(), entering);
        NDArray x = entering;
        for (int l = pass.firstLayer(); l < c.layers(); l++) {
            boolean firstRowOnly = l == c.layers() - 1 && !pass.isObserved();
            x = layer(pass, l, x, mask, firstRowOnly);
            pass.showHiddenStates(l + 1, x);
        }
        return x.get(FIRST_ROW).reshape(-1, c.hidden());
    }

    /**
     * @param entering what enters the pass's first layer, [B, T, H]
     * @return what enters a layer, [B, T, H]
     */
    NDArray statesBefore(int layer, Forward pass, NDArray entering, NDArray mask) {
        NDArray x = entering;
        for (int l = pass.firstLayer(); l < layer; l++) {
            x = layer(pass, l, x, mask, false);
        }
        return x;
    }

    /** One layer: [B, T, H], or its first row, [B, 1, H]. */
    private NDArray layer(Forward pass, int layer, NDArray x, NDArray mask, boolean firstRowOnly) {
        return pass.keepOnlyResult(() -> {
            NDArray rows = firstRowOnly ? x.get(FIRST_ROW) : x; // [B, 1 or T, H]
            NDArray y = attention(pass, layer, rows, x, mask);
            return feedForward(pass, layer, y);
        });
    }

    /**
     * @param rows the rows that ask, [B, Q, H]
     * @param x the rows that are asked, [B, T, H]
     * @return [B, Q, H]
     */
    private NDArray attention(Forward pass, int layer, NDArray rows, NDArray x, NDArray mask) {
        BlockHeads left = heads.block(layer);
        AttentionBlock block = left.whole();
        String norm = names.layer(layer) + ".attention.output.LayerNorm";
        if (left.isEmpty()) {
            NDArray sum = pass.plusBias(rows, block.output(), c.hiddenDropout());
            return pass.layerNorm(norm, sum, c.layerNormEpsilon());
        }
        NDArray scale = pass.number(1 / Math.sqrt(c.headSize()));
        NDArray q = split(pass.linear(block.query(), rows).mul(scale)); // [B, heads, Q, d]
        NDArray k = split(pass.linear(block.key(), x)); // [B, heads, T, d]
        NDArray v = split(pass.linear(block.value(), x)); // [B, heads, T, d]
        NDArray mixed = Attention.mix(pass, left, q, k, v, mask, c.attentionDropout());
        NDArray y = pass.linear(block.output(), mixed); // [B, Q, H]
        return addAndNorm(pass, rows, y, norm);
    }

    private NDArray feedForward(Forward pass, int layer, NDArray x) {
        String name = names.layer(layer);
        NDArray inner = Activation.gelu(pass.linear(name + ".intermediate.dense", x));
        NDArray y = pass.linear(name + ".output.dense", inner); // [B, Q, H]
        return addAndNorm(pass, x, y, name + ".output.LayerNorm");
    }

    private NDArray addAndNorm(Forward pass, NDArray x, NDArray y, String norm) {
        NDArray sum = x.add(pass.dropout(y, c.hiddenDropout()));
        return pass.layerNorm(norm, sum, c.layerNormEpsilon());
    }

    private NDArray split(NDArray x) {
        return Attention.split(x, c.headSize());
    }
}
