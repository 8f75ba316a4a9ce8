package dev.espalier.lm.train;

import ai.djl.ndarray.NDArray;
import dev.espalier.lm.adapter.LiveAdapter;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.compute.Gradients;
import dev.espalier.lm.compute.NativeValues;
import dev.espalier.lm.compute.Workspace;
import dev.espalier.lm.family.CausalLanguageModel;
import dev.espalier.lm.family.Forward;
import dev.espalier.lm.family.TokenBatch;
import dev.espalier.lm.tokens.LanguageExample;
import java.util.List;

/**
 * A causal language model with an adapter, applied to batches. Belongs to one thread at a time.
 *
 * <p>The state of token t - 1 predicts token t.
 */
final class Foreteller {

    private final BaseModel base;
    private final LiveAdapter adapter;

    Foreteller(BaseModel base, LiveAdapter adapter) {
        this.base = base;
        this.adapter = adapter;
    }

    /**
     * Adds {@code weight} times the gradient of the mean loss to that of every trained array.
     *
     * @return the mean loss over all predictions of the batch
     */
    double backward(List<LanguageExample> examples, Entrance entrance, Masks masks, double weight) {
        try (Gradients _ = Gradients.recorded();
                Workspace workspace = new Workspace(adapter.manager())) {
            NDArray loss = losses(examples, workspace, entrance, masks).mean();
            Gradients.backward(loss, weight);
            return NativeValues.number(loss);
        }
    }

    /**
     * The loss of every prediction of a batch, example after example. Nothing is recorded, nothing
     * dropped.
     */
    float[] losses(List<LanguageExample> examples) {
        try (Gradients _ = Gradients.off();
                Workspace workspace = new Workspace(adapter.manager())) {
            return NativeValues.floats(
                    losses(examples, workspace, Entrance.EMBEDDINGS, Masks.NONE));
        }
    }

    /**
     * @return [predictions, 1]
     */
    private NDArray losses(
            List<LanguageExample> examples, Workspace workspace, Entrance entrance, Masks masks) {
        CausalLanguageModel model = base.causalLanguageModel();
        TokenBatch batch =
                TokenBatch.of(
                        examples.stream().map(LanguageExample::tokens).toList(),
                        workspace,
                        base.weights().precision());
        Forward pass =
                new Forward(
                        workspace,
                        base.weights(),
                        adapter.linears(masks.adapter()),
                        masks.model(),
                        null,
                        entrance.into(workspace));
        NDArray states = model.states(pass, batch);
        return predictions(examples, batch.length())
                .losses(states, chosen -> model.logits(pass, chosen));
    }

    static Predictions predictions(List<LanguageExample> examples, int time) {
        Predictions predictions = new Predictions();
        for (int row = 0; row < examples.size(); row++) {
            LanguageExample example = examples.get(row);
            for (int t = 1; t < example.tokens().length(); t++) {
                if (example.isPredicted(t)) {
                    predictions.add((long) row * time + t - 1, example.label(t));
                }
            }
        }
        return predictions;
    }
}
