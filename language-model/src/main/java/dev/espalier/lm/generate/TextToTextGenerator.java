package dev.espalier.lm.generate;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import dev.espalier.lm.adapter.AdapterSettings;
import dev.espalier.lm.adapter.AdapterWeights;
import dev.espalier.lm.adapter.LiveAdapter;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.compute.Dropout;
import dev.espalier.lm.compute.Gradients;
import dev.espalier.lm.compute.Precision;
import dev.espalier.lm.compute.Workspace;
import dev.espalier.lm.family.Forward;
import dev.espalier.lm.family.KeyValueMemory;
import dev.espalier.lm.family.Linears;
import dev.espalier.lm.family.TextToTextModel;
import dev.espalier.lm.family.TextToTextModel.Encoded;
import dev.espalier.lm.family.TokenBatch;
import java.util.List;

/**
 * Writes texts after reading others, with an adapter over the model or without. Belongs to one
 * thread at a time.
 *
 * <p>The source is read once. Keys and values are remembered, so every new token costs a pass of
 * the decoder over itself alone.
 */
public final class TextToTextGenerator implements AutoCloseable {

    private final BaseModel base;
    private final TextToTextModel model;
    private final LiveAdapter adapter;

    private TextToTextGenerator(BaseModel base, LiveAdapter adapter) {
        this.base = base;
        this.model = base.textToTextModel();
        this.adapter = adapter;
    }

    /**
     * The base model as it is.
     *
     * @throws IllegalArgumentException if it does not make texts of texts
     */
    public static TextToTextGenerator of(BaseModel base) {
        base.textToTextModel();
        return new TextToTextGenerator(base, base.unadapted());
    }

    /**
     * The base model with an adapter merged in.
     *
     * @throws IllegalArgumentException if the weights do not fit the settings, or the base does not
     *     make texts of texts
     */
    public static TextToTextGenerator of(
            BaseModel base, AdapterSettings settings, AdapterWeights weights) {
        base.textToTextModel();
        LiveAdapter live = base.adapt(settings, weights);
        live.merge();
        return new TextToTextGenerator(base, live);
    }

    /**
     * @param source ids, special tokens included as the model wants them; one or more
     * @return what is written; the prompt is the model's start token
     * @throws IllegalArgumentException if the model does not know an id, or source or target may be
     *     longer than it takes
     */
    public GeneratedText written(int[] source, GenerationSettings settings) {
        int[] start = {model.startToken()};
        Search.check(base.structure(), source, 0);
        Search.check(base.structure(), start, settings.maxNewTokens());
        try (Gradients _ = Gradients.off();
                Workspace workspace = new Workspace(adapter.manager());
                KeyValueMemory memory = new KeyValueMemory(adapter.manager())) {
            Encoded encoded = encoded(source, workspace);
            NextTokens next = new Remembering(memory, (m, texts) -> after(encoded, m, texts));
            return Search.continued(next, start, settings);
        }
    }

    Encoded encoded(int[] source, Workspace workspace) {
        Precision precision = base.weights().precision();
        TokenBatch batch = TokenBatch.of(List.of(Search.sequence(source)), workspace, precision);
        Linears linears = adapter.linears(Dropout.NONE);
        Forward pass = new Forward(workspace, base.weights(), linears, Dropout.NONE, null);
        return model.encode(pass, batch);
    }

    /** As {@link Remembering.Reader}, about one source. */
    float[][] after(Encoded encoded, KeyValueMemory memory, List<int[]> targets) {
        try (Workspace workspace = new Workspace(adapter.manager())) {
            Forward pass =
                    Forward.after(memory, workspace, base.weights(), adapter.linears(Dropout.NONE));
            TokenBatch batch =
                    Search.unread(memory, targets, workspace, base.weights().precision());
            NDArray states = model.decode(pass, encoded, batch);
            NDArray last = states.get(new NDIndex(":,{}", batch.length() - 1L));
            return Search.logProbabilities(model.logits(pass, last));
        }
    }

    /** Frees the adapter; the base model stays. */
    @Override
    public void close() {
        adapter.close();
    }
}
