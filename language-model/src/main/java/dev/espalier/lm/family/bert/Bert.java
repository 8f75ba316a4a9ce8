package dev.espalier.lm.family.bert;

import ai.djl.ndarray.NDArray;
import dev.espalier.lm.family.Forward;
import dev.espalier.lm.family.HeadMask;
import dev.espalier.lm.family.LinearLayer;
import dev.espalier.lm.family.ModelHeads;
import dev.espalier.lm.family.SequenceClassifier;
import dev.espalier.lm.family.TokenBatch;
import dev.espalier.lm.weights.ModelConfig;
import dev.espalier.tensors.Shape;
import java.util.List;
import java.util.SortedMap;

/**
 * BERT with a classification head, as {@code BertForSequenceClassification} of transformers
 * computes it (Devlin et al. 2019).
 *
 * <pre>
 *   x      = LayerNorm(word[ids] + position[0..T) + type[types])               [B, T, H]
 *   x      = layers of {@link EncoderLayers}                                   [B, T, H]
 *   pooled = tanh(x[:, 0] Wp + bp)                                             [B, H]
 *   logits = pooled Wc + bc                                                    [B, classes]
 * </pre>
 *
 * Dropout, where it is on, follows the embeddings and pooled.
 */
public final class Bert implements SequenceClassifier {

    private static final EncoderNames NAMES = new EncoderNames("bert");
    private static final String POOLER = "bert.pooler.dense";

    private final EncoderConfig c;
    private final ModelHeads heads;

    private Bert(EncoderConfig config) {
        this.c = config;
        int hidden = c.hidden();
        this.heads =
                ModelHeads.all(
                        NAMES.structure(
                                c,
                                c.maxPositions(),
                                List.of(new LinearLayer(POOLER, hidden, hidden)),
                                List.of(
                                        new LinearLayer(
                                                EncoderNames.CLASSIFIER,
                                                hidden,
                                                c.labels().size()))));
    }

    private Bert(EncoderConfig config, ModelHeads heads) {
        this.c = config;
        this.heads = heads;
    }

    /**
     * @throws dev.espalier.lm.weights.ModelRefusedException if a setting is not supported
     */
    public static Bert of(ModelConfig config) {
        return new Bert(EncoderConfig.of(config, 0));
    }

    @Override
    public ModelHeads heads() {
        return heads;
    }

    @Override
    public Bert keeping(HeadMask mask) {
        return new Bert(c, ModelHeads.kept(heads.whole(), mask));
    }

    @Override
    public String architecture() {
        return "BertForSequenceClassification";
    }

    @Override
    public SortedMap<String, Shape> tensors() {
        LinearLayer pooler = new LinearLayer(POOLER, c.hidden(), c.hidden());
        return heads.left(NAMES.tensors(c).linear(pooler).toMap());
    }

    @Override
    public String canonicalName(String stored) {
        return NAMES.canonical(stored);
    }

    @Override
    public NDArray classify(Forward pass, TokenBatch batch) {
        NDArray x = pass.entering(() -> embeddings(pass, batch)); // [B, T, H]
        NDArray first = layers().firstState(pass, x, batch.mask()); // [B, H]
        NDArray pooled = pass.linear(POOLER, first).tanh();
        return pass.linear(EncoderNames.CLASSIFIER, pass.dropout(pooled, c.classifierDropout()));
    }

    @Override
    public String layerName(int layer) {
        return NAMES.layer(layer);
    }

    @Override
    public NDArray statesBefore(int layer, Forward pass, TokenBatch batch) {
        NDArray x = pass.entering(() -> embeddings(pass, batch)); // [B, T, H]
        return layers().statesBefore(layer, pass, x, batch.mask());
    }

    private EncoderLayers layers() {
        return new EncoderLayers(c, NAMES, heads);
    }

    private NDArray embeddings(Forward pass, TokenBatch batch) {
        NDArray sum =
                pass.embed(NAMES.words(), batch.ids())
                        .add(pass.embed(NAMES.types(), batch.types()))
                        .add(pass.embed(NAMES.positions(), pass.positions(batch.length())));
        NDArray x = pass.layerNorm(NAMES.embeddingNorm(), sum, c.layerNormEpsilon());
        return pass.dropout(x, c.hiddenDropout());
    }
}
