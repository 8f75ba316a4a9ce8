package dev.espalier.lm.train;

import ai.djl.ndarray.NDArray;
import dev.espalier.lm.adapter.LiveAdapter;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.compute.Gradients;
import dev.espalier.lm.compute.NativeValues;
import dev.espalier.lm.compute.Workspace;
import dev.espalier.lm.family.Forward;
import dev.espalier.lm.family.TextToTextModel;
import dev.espalier.lm.family.TokenBatch;
import dev.espalier.lm.tokens.TextToTextExample;
import dev.espalier.lm.tokens.TokenSequence;
import java.util.List;

/**
 * An encoder and decoder with an adapter, applied to batches. Belongs to one thread at a time.
 *
 * <p>The state of target place t predicts target token t, having read those before it.
 */
final class TextToTextForeteller {

    private final BaseModel base;
    private final LiveAdapter adapter;

    TextToTextForeteller(BaseModel base, LiveAdapter adapter) {
        this.base = base;
        this.adapter = adapter;
    }

    /**
     * Adds {@code weight} times the gradient of the mean loss to that of every trained array.
     *
     * @return the mean loss over all predictions of the batch
     */
    double backward(
            List<TextToTextExample> examples, Entrance entrance, Masks masks, double weight) {
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
    float[] losses(List<TextToTextExample> examples) {
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
            List<TextToTextExample> examples, Workspace workspace, Entrance entrance, Masks masks) {
        TextToTextModel model = base.textToTextModel();
        Forward pass =
                new Forward(
                        workspace,
                        base.weights(),
                        adapter.linears(masks.adapter()),
                        masks.model(),
                        null,
                        entrance.into(workspace));
        TokenBatch target =
                batch(
                        workspace,
                        examples.stream()
                                .map(e -> e.shifted(model.startToken(), model.paddingToken()))
                                .toList());
        List<TokenSequence> sources = examples.stream().map(TextToTextExample::source).toList();
        NDArray states = model.decode(pass, model.encode(pass, batch(workspace, sources)), target);
        return predictions(examples, target.length())
                .losses(states, chosen -> model.logits(pass, chosen));
    }

    private TokenBatch batch(Workspace workspace, List<TokenSequence> texts) {
        return TokenBatch.of(texts, workspace, base.weights().precision());
    }

    static Predictions predictions(List<TextToTextExample> examples, int time) {
        Predictions predictions = new Predictions();
        for (int row = 0; row < examples.size(); row++) {
            TextToTextExample example = examples.get(row);
            for (int t = 0; t < example.targetLength(); t++) {
                if (example.isPredicted(t)) {
                    predictions.add((long) row * time + t, example.label(t));
                }
            }
        }
        return predictions;
    }
}
