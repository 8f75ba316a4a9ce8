package dev.espalier.lm.family.bert;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
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
 * RoBERTa with a classification head, as {@code RobertaForSequenceClassification} of transformers
 * computes it (Liu et al. 2019): BERT's layers, positions that skip padding, another head.
 *
 * <pre>
 *   n      = ids ≠ pad                                                         [B, T]
 *   p      = pad + n · cumsum(n)          the first token is at pad + 1        [B, T]
 *   x      = LayerNorm(word[ids] + position[p] + type[0])                      [B, T, H]
 *   x      = layers of {@link EncoderLayers}                                   [B, T, H]
 *   h      = tanh(x[:, 0] Wd + bd)                                             [B, H]
 *   logits = h Wo + bo                                                         [B, classes]
 * </pre>
 *
 * Every token has type 0, since RoBERTa's tokenizer knows no other. Dropout, where it is on,
 * follows the embeddings, x[:, 0] and h. The head's two layers are trained together or not at all.
 */
public final class Roberta implements SequenceClassifier {

    private static final EncoderNames NAMES = new EncoderNames("roberta");
    private static final String DENSE = "classifier.dense";
    private static final String OUTPUT = "classifier.out_proj";

    private final EncoderConfig c;
    private final ModelHeads heads;

    private Roberta(EncoderConfig config) {
        this.c = config;
        int hidden = c.hidden();
        List<LinearLayer> head =
                List.of(
                        new LinearLayer(DENSE, hidden, hidden),
                        new LinearLayer(OUTPUT, hidden, c.labels().size()));
        // rows 0 to pad of the table belong to no token
        int longest = c.maxPositions() - c.padToken() - 1;
        this.heads = ModelHeads.all(NAMES.structure(c, longest, List.of(), head));
    }

    private Roberta(EncoderConfig config, ModelHeads heads) {
        this.c = config;
        this.heads = heads;
    }

    /**
     * @throws dev.espalier.lm.weights.ModelRefusedException if a setting is not supported
     */
    public static Roberta of(ModelConfig config) {
        EncoderConfig encoder = EncoderConfig.of(config, 1);
        if (encoder.padToken() < 0 || encoder.padToken() + 1 >= encoder.maxPositions()) {
            throw config.refused("pad_token_id", "must leave positions to tokens");
        }
        return new Roberta(encoder);
    }

    @Override
    public ModelHeads heads() {
        return heads;
    }

    @Override
    public Roberta keeping(HeadMask mask) {
        return new Roberta(c, ModelHeads.kept(heads.whole(), mask));
    }

    @Override
    public String architecture() {
        return "RobertaForSequenceClassification";
    }

    @Override
    public SortedMap<String, Shape> tensors() {
        return heads.left(NAMES.tensors(c).toMap());
    }

    @Override
    public String canonicalName(String stored) {
        return NAMES.canonical(stored);
    }

    @Override
    public NDArray classify(Forward pass, TokenBatch batch) {
        NDArray x = pass.entering(() -> embeddings(pass, batch)); // [B, T, H]
        NDArray first = layers().firstState(pass, x, batch.mask()); // [B, H]
        NDArray h = pass.linear(DENSE, pass.dropout(first, c.classifierDropout())).tanh();
        return pass.linear(OUTPUT, pass.dropout(h, c.classifierDropout()));
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
                        .add(pass.embed(NAMES.types(), batch.ids().zerosLike()))
                        .add(pass.embed(NAMES.positions(), positions(batch.ids())));
        NDArray x = pass.layerNorm(NAMES.embeddingNorm(), sum, c.layerNormEpsilon());
        return pass.dropout(x, c.hiddenDropout());
    }

    /** The table's row for each token [B, T]. */
    NDArray positions(NDArray ids) {
        NDArray counted = ids.neq(c.padToken()).toType(DataType.INT64, false);
        return counted.cumSum(1).mul(counted).add(c.padToken());
    }
}
