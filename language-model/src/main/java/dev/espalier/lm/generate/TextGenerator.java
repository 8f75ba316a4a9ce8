package dev.espalier.lm.generate;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import dev.espalier.lm.adapter.AdapterSettings;
import dev.espalier.lm.adapter.AdapterWeights;
import dev.espalier.lm.adapter.LiveAdapter;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.compute.Dropout;
import dev.espalier.lm.compute.Gradients;
import dev.espalier.lm.compute.Workspace;
import dev.espalier.lm.family.CausalLanguageModel;
import dev.espalier.lm.family.Forward;
import dev.espalier.lm.family.KeyValueMemory;
import dev.espalier.lm.family.TokenBatch;
import java.util.List;

/**
 * Continues texts with a causal language model, with an adapter over it or without. Belongs to one
 * thread at a time.
 *
 * <p>Keys and values are remembered, so every new token costs a pass over itself alone.
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
     * The base model with an adapter merged in.
     *
     * @throws IllegalArgumentException if the weights do not fit the settings, or the base is no
     *     causal language model
     */
    public static TextGenerator of(
            BaseModel base, AdapterSettings settings, AdapterWeights weights) {
        base.causalLanguageModel();
        LiveAdapter live = base.adapt(settings, weights);
        live.merge();
        return new TextGenerator(base, live);
    }

    /**
     * @param prompt ids, special tokens included as the model wants them; one or more
     * @throws IllegalArgumentException if the model does not know an id, or prompt and continuation
     *     together may be longer than it takes
     */
    public GeneratedText continued(int[] prompt, GenerationSettings settings) {
        Search.check(base.structure(), prompt, settings.maxNewTokens());
        try (KeyValueMemory memory = new KeyValueMemory(adapter.manager())) {
            return Search.continued(new Remembering(memory, this::after), prompt, settings);
        }
    }

    /** As {@link Remembering.Reader}. */
    float[][] after(KeyValueMemory memory, List<int[]> sequences) {
        try (Gradients _ = Gradients.off();
                Workspace workspace = new Workspace(adapter.manager())) {
            TokenBatch batch =
                    Search.unread(memory, sequences, workspace, base.weights().precision());
            Forward pass =
                    Forward.after(memory, workspace, base.weights(), adapter.linears(Dropout.NONE));
            NDArray last = model.states(pass, batch).get(new NDIndex(":,{}", batch.length() - 1L));
            return Search.logProbabilities(model.logits(pass, last));
        }
    }

    /** Frees the adapter; the base model stays. */
    @Override
    public void close() {
        adapter.close();
    }
}
