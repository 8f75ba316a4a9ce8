package dev.espalier.lm.head;

import ai.djl.ndarray.NDArray;
import dev.espalier.lm.adapter.AdapterSettings;
import dev.espalier.lm.adapter.AdapterWeights;
import dev.espalier.lm.adapter.LiveAdapter;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.base.TextCheck;
import dev.espalier.lm.compute.Dropout;
import dev.espalier.lm.compute.Gradients;
import dev.espalier.lm.compute.Workspace;
import dev.espalier.lm.family.AttentionKind;
import dev.espalier.lm.family.CausalLanguageModel;
import dev.espalier.lm.family.Forward;
import dev.espalier.lm.family.ForwardObserver;
import dev.espalier.lm.family.SequenceClassifier;
import dev.espalier.lm.family.TextToTextModel;
import dev.espalier.lm.family.TokenBatch;
import dev.espalier.lm.tokens.TextToTextExample;
import dev.espalier.lm.tokens.TokenSequence;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/**
 * The confidence of attention heads: the mean over tokens of the largest attention that a head pays
 * (Voita et al. 2019; algorithms.md A.3 step 3). In [0, 1]; 0 where nothing could be counted.
 *
 * <pre>
 *   conf[b, h] = Σ texts, counted queries q: max over counted keys k of a[b, h, q, k]
 *                / number of counted queries
 * </pre>
 *
 * A forward pass over the texts, a batch at a time; what is kept does not grow with them.
 */
public final class HeadConfidence {

    private final BaseModel base;
    private final ConfidenceSettings settings;
    private final Set<Integer> ends;
    private final int batchSize;

    /**
     * @param ends ids that end a text, such as {@link BaseModel#textEnds()}
     * @param batchSize texts that are read at a time, 1 or more
     */
    public HeadConfidence(
            BaseModel base, ConfidenceSettings settings, Set<Integer> ends, int batchSize) {
        if (batchSize < 1) {
            throw new IllegalArgumentException("batchSize must be at least 1: " + batchSize);
        }
        this.base = base;
        this.settings = settings;
        this.ends = Set.copyOf(ends);
        this.batchSize = batchSize;
    }

    /**
     * Of the base model as it is.
     *
     * @throws IllegalArgumentException if a text does not fit the model, or it reads pairs
     */
    public HeadScores measure(List<TokenSequence> texts) {
        try (LiveAdapter nothing = base.unadapted()) {
            return measure(nothing, texts);
        }
    }

    /**
     * Of the base model with an adapter.
     *
     * @throws IllegalArgumentException if the weights do not fit the settings, a text does not fit
     *     the model, or it reads pairs
     */
    public HeadScores measure(
            AdapterSettings adapter, AdapterWeights weights, List<TokenSequence> texts) {
        try (LiveAdapter live = base.adapt(adapter, weights)) {
            return measure(live, texts);
        }
    }

    /**
     * Of an encoder and decoder as they are.
     *
     * @throws IllegalArgumentException if a pair does not fit the model
     */
    public HeadScores measurePairs(List<TextToTextExample> pairs) {
        try (LiveAdapter nothing = base.unadapted()) {
            return measurePairs(nothing, pairs);
        }
    }

    /**
     * Of an encoder and decoder with an adapter.
     *
     * @throws IllegalArgumentException if the weights do not fit the settings, or a pair does not
     *     fit the model
     */
    public HeadScores measurePairs(
            AdapterSettings adapter, AdapterWeights weights, List<TextToTextExample> pairs) {
        try (LiveAdapter live = base.adapt(adapter, weights)) {
            return measurePairs(live, pairs);
        }
    }

    private HeadScores measure(LiveAdapter live, List<TokenSequence> texts) {
        TextCheck.requireFit(base.structure(), texts);
        ConfidenceTally tally = newTally();
        List<TokenSequence> order =
                texts.stream().sorted(Comparator.comparingInt(TokenSequence::length)).toList();
        for (int from = 0; from < order.size(); from += batchSize) {
            List<TokenSequence> batch =
                    order.subList(from, Math.min(from + batchSize, order.size()));
            CountedTokens tokens = CountedTokens.of(batch, ends);
            read(
                    live,
                    batch,
                    (block, attention) ->
                            tally.add(block, attention, tokens, tokens, isCausal(block)));
        }
        return tally.scores();
    }

    private HeadScores measurePairs(LiveAdapter live, List<TextToTextExample> pairs) {
        TextCheck.requirePairsFit(base.structure(), pairs);
        ConfidenceTally tally = newTally();
        List<TextToTextExample> order =
                pairs.stream()
                        .sorted(Comparator.comparingInt(TextToTextExample::targetLength))
                        .toList();
        for (int from = 0; from < order.size(); from += batchSize) {
            List<TextToTextExample> batch =
                    order.subList(from, Math.min(from + batchSize, order.size()));
            CountedTokens source =
                    CountedTokens.of(batch.stream().map(TextToTextExample::source).toList(), ends);
            CountedTokens asking = CountedTokens.asking(batch, ends);
            CountedTokens asked = CountedTokens.asked(batch, ends);
            readPairs(
                    live,
                    batch,
                    (block, attention) -> {
                        switch (kind(block)) {
                            case ENCODER -> tally.add(block, attention, source, source, false);
                            case DECODER -> tally.add(block, attention, asking, asked, true);
                            case CROSS -> tally.add(block, attention, asking, source, false);
                        }
                    });
        }
        return tally.scores();
    }

    private ConfidenceTally newTally() {
        return new ConfidenceTally(settings, base.structure().attention().size());
    }

    private AttentionKind kind(int block) {
        return base.structure().attention().get(block).kind();
    }

    private boolean isCausal(int block) {
        return kind(block) == AttentionKind.DECODER;
    }

    /** Sees the attention of each block, [text, head, query, key]. */
    private interface Attentions {
        void see(int block, NDArray attention);
    }

    private void read(LiveAdapter live, List<TokenSequence> texts, Attentions seen) {
        try (Gradients _ = Gradients.off();
                Workspace workspace = new Workspace(live.manager())) {
            Forward pass = pass(live, workspace, seen);
            TokenBatch batch = batch(texts, workspace);
            switch (base.family()) {
                case SequenceClassifier model -> model.classify(pass, batch);
                case CausalLanguageModel model -> model.states(pass, batch);
                case TextToTextModel _ ->
                        throw new IllegalArgumentException("the model reads pairs of texts");
            }
        }
    }

    private void readPairs(LiveAdapter live, List<TextToTextExample> pairs, Attentions seen) {
        TextToTextModel model = base.textToTextModel();
        try (Gradients _ = Gradients.off();
                Workspace workspace = new Workspace(live.manager())) {
            Forward pass = pass(live, workspace, seen);
            List<TokenSequence> sources = pairs.stream().map(TextToTextExample::source).toList();
            List<TokenSequence> targets =
                    pairs.stream()
                            .map(p -> p.shifted(model.startToken(), model.paddingToken()))
                            .toList();
            model.decode(
                    pass, model.encode(pass, batch(sources, workspace)), batch(targets, workspace));
        }
    }

    private TokenBatch batch(List<TokenSequence> texts, Workspace workspace) {
        return TokenBatch.of(texts, workspace, base.weights().precision());
    }

    private Forward pass(LiveAdapter live, Workspace workspace, Attentions seen) {
        ForwardObserver observer =
                new ForwardObserver() {
                    @Override
                    public void hiddenStates(int index, NDArray states) {}

                    @Override
                    public void attention(int block, NDArray probabilities) {
                        seen.see(block, probabilities);
                    }
                };
        return new Forward(
                workspace, base.weights(), live.linears(Dropout.NONE), Dropout.NONE, observer);
    }
}
