package dev.espalier.lm.family.bert;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.nn.Activation;
import dev.espalier.lm.family.AttentionBlock;
import dev.espalier.lm.family.Forward;
import dev.espalier.lm.family.ModelFamily;
import dev.espalier.lm.family.ModelStructure;
import dev.espalier.lm.family.TokenBatch;
import dev.espalier.lm.weights.ModelConfig;
import dev.espalier.tensors.Shape;
import java.util.SortedMap;

/**
 * BERT with a classification head, as {@code BertForSequenceClassification} of transformers
 * computes it (Devlin et al. 2019; the encoder is that of Vaswani et al. 2017, normalised after
 * each sublayer).
 *
 * <pre>
 *   x      = LayerNorm(word[ids] + position[0..T) + type[types])               [B, T, H]
 *   per layer:
 *     q, k, v = heads(x Wq + bq), heads(x Wk + bk), heads(x Wv + bv)           [B, heads, T, d]
 *     a    = softmax(q kᵀ / sqrt(d) + mask)                                    [B, heads, T, T]
 *     x    = LayerNorm(x + concat(a v) Wo + bo)                                [B, T, H]
 *     x    = LayerNorm(x + gelu(x Wi + bi) Wf + bf)                            [B, T, H]
 *   pooled = tanh(x[:, 0] Wp + bp)                                             [B, H]
 *   logits = pooled Wc + bc                                                    [B, classes]
 * </pre>
 *
 * gelu is the exact form x Φ(x). Dropout, where it is on, follows the embeddings, a, both sublayers
 * and pooled. Only row 0 of the last layer reaches the logits, so only that row's query, output and
 * feed-forward are computed there.
 */
public final class Bert implements ModelFamily {

    private static final NDIndex FIRST_ROW = new NDIndex(":,0:1");

    private final BertConfig c;
    private final ModelStructure structure;

    private Bert(BertConfig config) {
        this.c = config;
        this.structure = BertNames.structure(config);
    }

    /**
     * @throws dev.espalier.lm.weights.ModelRefusedException if a setting is not supported
     */
    public static Bert of(ModelConfig config) {
        return new Bert(BertConfig.of(config));
    }

    @Override
    public ModelStructure structure() {
        return structure;
    }

    @Override
    public String classifierArchitecture() {
        return "BertForSequenceClassification";
    }

    @Override
    public SortedMap<String, Shape> tensors() {
        return BertNames.tensors(c);
    }

    @Override
    public String canonicalName(String stored) {
        return BertNames.canonical(stored);
    }

    @Override
    public NDArray classify(Forward pass, TokenBatch batch) {
        NDArray x = pass.keepOnlyResult(() -> embeddings(pass, batch)); // [B, T, H]
        pass.showHiddenStates(0, x);
        for (int l = 0; l < c.layers(); l++) {
            x = layer(pass, l, x, batch.mask());
            pass.showHiddenStates(l + 1, x);
        }
        return head(pass, x.get(FIRST_ROW).reshape(batch.size(), c.hidden()));
    }

    private NDArray embeddings(Forward pass, TokenBatch batch) {
        NDArray sum =
                pass.embed(BertNames.WORDS, batch.ids())
                        .add(pass.embed(BertNames.TYPES, batch.types()))
                        .add(pass.embed(BertNames.POSITIONS, pass.positions(batch.length())));
        NDArray x = pass.layerNorm(BertNames.EMBEDDING_NORM, sum, c.layerNormEpsilon());
        return pass.dropout(x, c.hiddenDropout());
    }

    /** One encoder layer; the last one gives back [B, 1, H] unless it is observed. */
    private NDArray layer(Forward pass, int layer, NDArray x, NDArray mask) {
        boolean firstRowOnly = layer == c.layers() - 1 && !pass.isObserved();
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
        AttentionBlock block = structure.attention().get(layer);
        NDArray scale = pass.number(1 / Math.sqrt(c.headSize()));
        NDArray q = heads(pass.linear(block.query(), rows).mul(scale)); // [B, heads, Q, d]
        NDArray k = heads(pass.linear(block.key(), x)); // [B, heads, T, d]
        NDArray v = heads(pass.linear(block.value(), x)); // [B, heads, T, d]
        NDArray scores = q.matMul(k.transpose(0, 1, 3, 2)).add(mask); // [B, heads, Q, T]
        NDArray a = scores.softmax(-1);
        pass.showAttention(layer, a);
        NDArray mixed = pass.dropout(a, c.attentionDropout()).matMul(v); // [B, heads, Q, d]
        NDArray joined = mixed.transpose(0, 2, 1, 3).reshape(rows.getShape()); // [B, Q, H]
        return addAndNorm(
                pass,
                rows,
                pass.linear(block.output(), joined),
                BertNames.layer(layer) + ".attention.output.LayerNorm");
    }

    private NDArray feedForward(Forward pass, int layer, NDArray x) {
        String name = BertNames.layer(layer);
        NDArray inner = Activation.gelu(pass.linear(name + ".intermediate.dense", x));
        NDArray y = pass.linear(name + ".output.dense", inner); // [B, Q, H]
        return addAndNorm(pass, x, y, name + ".output.LayerNorm");
    }

    private NDArray addAndNorm(Forward pass, NDArray x, NDArray y, String norm) {
        NDArray sum = x.add(pass.dropout(y, c.hiddenDropout()));
        return pass.layerNorm(norm, sum, c.layerNormEpsilon());
    }

    /** [B, T, H] to [B, heads, T, d]. */
    private NDArray heads(NDArray x) {
        long batch = x.getShape().get(0);
        return x.reshape(batch, -1, c.heads(), c.headSize()).transpose(0, 2, 1, 3);
    }

    /**
     * @param first [B, H]
     * @return [B, classes]
     */
    private NDArray head(Forward pass, NDArray first) {
        NDArray pooled = pass.linear(BertNames.POOLER, first).tanh();
        return pass.linear(BertNames.CLASSIFIER, pass.dropout(pooled, c.classifierDropout()));
    }
}
