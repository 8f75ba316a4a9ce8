package dev.espalier.lm.generate;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import dev.espalier.lm.adapter.AdapterSettings;
import dev.espalier.lm.adapter.AdapterWeights;
import dev.espalier.lm.adapter.LiveAdapter;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.compute.Dropout;
import dev.espalier.lm.compute.Gradients;
import dev.espalier.lm.compute.NativeValues;
import dev.espalier.lm.compute.Workspace;
import dev.espalier.lm.family.CausalLanguageModel;
import dev.espalier.lm.family.Forward;
import dev.espalier.lm.family.TokenBatch;
import dev.espalier.lm.tokens.TokenSequence;
import java.util.Arrays;
import java.util.List;

/**
 * Continues texts with a causal language model, with an adapter over it or without. Belongs to one
 * thread at a time.
 *
 * <p>Every new token costs a pass over the whole text so far: keys and values are not kept.
 */
public final class TextGenerator implements AutoCloseable {

    private final BaseModel base;
    private final CausalLanguageModel model;
    private final LiveAdapter adapter;

    private TextGenerator(BaseModel base, LiveAdapter adapter) {
        this.base = base;
        this.model = base.causalLanguageModel();
        this.adapter = adapter;
    }

    /**
     * The base model as it is.
     *
     * @throws IllegalArgumentException if it is no causal language model
     */
    public static TextGenerator of(BaseModel base) {
        base.causalLanguageModel();
        return new TextGenerator(base, base.unadapted());
    }

    /**
     * The base model with an adapter.
     *
     * @throws IllegalArgumentException if the weights do not fit the settings, or the base is no
     *     causal language model
     */
    public static TextGenerator of(
            BaseModel base, AdapterSettings settings, AdapterWeights weights) {
        base.causalLanguageModel();
        return new TextGenerator(base, base.adapt(settings, weights));
    }

    /**
     * @param prompt ids, special tokens included as the model wants them; one or more
     * @throws IllegalArgumentException if the model does not know an id, or prompt and continuation
     *     together may be longer than it takes
     */
    public GeneratedText continued(int[] prompt, GenerationSettings settings) {
        check(prompt, settings);
        Hypothesis found =
                settings.beams() == 1
                        ? new GreedySearch(this::after, settings).continued(prompt)
                        : new BeamSearch(this::after, settings).continued(prompt);
        return new GeneratedText(sequence(found.ids), prompt.length, found.score);
    }

    private void check(int[] prompt, GenerationSettings settings) {
        int vocabulary = base.structure().vocabulary();
        if (prompt.length == 0
                || Arrays.stream(prompt).anyMatch(id -> id < 0 || id >= vocabulary)) {
            throw new IllegalArgumentException(
                    "a prompt is one or more tokens that the model knows");
        }
        int longest = base.structure().maxPositions();
        if (prompt.length + settings.maxNewTokens() > longest) {
            throw new IllegalArgumentException(
                    "%d tokens and %d new ones, the model takes %d"
                            .formatted(prompt.length, settings.maxNewTokens(), longest));
        }
    }

    private float[][] after(List<int[]> sequences) {
        try (Gradients _ = Gradients.off();
                Workspace workspace = new Workspace(adapter.manager())) {
            TokenBatch batch =
                    TokenBatch.of(
                            sequences.stream().map(TextGenerator::sequence).toList(),
                            workspace,
                            base.weights().precision());
            Forward pass =
                    new Forward(
                            workspace,
                            base.weights(),
                            adapter.linears(Dropout.NONE),
                            Dropout.NONE,
                            null);
            NDArray last = model.states(pass, batch).get(new NDIndex(":,{}", batch.length() - 1L));
            return rows(NativeValues.floats(model.logits(pass, last).logSoftmax(-1)), batch.size());
        }
    }

    private static float[][] rows(float[] values, int count) {
        int width = values.length / count;
        float[][] rows = new float[count][];
        for (int row = 0; row < count; row++) {
            rows[row] = Arrays.copyOfRange(values, row * width, (row + 1) * width);
        }
        return rows;
    }

    private static TokenSequence sequence(int[] ids) {
        return new TokenSequence(ids, new int[ids.length]);
    }

    /** Frees the adapter; the base model stays. */
    @Override
    public void close() {
        adapter.close();
    }
}
