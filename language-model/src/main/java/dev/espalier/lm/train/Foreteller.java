package dev.espalier.lm.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
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
 * <p>The state of token t - 1 predicts token t. Only rows that predict something meet the
 * vocabulary.
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
    double backward(List<LanguageExample> examples, Masks masks, double weight) {
        try (Gradients _ = Gradients.recorded();
                Workspace workspace = new Workspace(adapter.manager())) {
            NDArray loss = losses(examples, workspace, masks).mean();
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
            return NativeValues.floats(losses(examples, workspace, Masks.NONE));
        }
    }

    /**
     * @return [predictions, 1]
     */
    private NDArray losses(List<LanguageExample> examples, Workspace workspace, Masks masks) {
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
                        null);
        Wanted wanted = Wanted.of(examples, batch.length());
        NDManager manager = workspace.manager();
        NDArray states = model.states(pass, batch);
        NDArray rows = states.reshape(-1, states.getShape().get(2));
        NDArray chosen = rows.get(new NDIndex("{}", manager.create(wanted.rows)));
        NDArray logits = model.logits(pass, chosen); // [predictions, V]
        NDArray targets = manager.create(wanted.targets, new Shape(wanted.targets.length, 1));
        return logits.logSoftmax(-1).gather(targets, 1).neg();
    }

    /** Which rows of [batch · time] predict, and what. */
    private static final class Wanted {
        final long[] rows;
        final long[] targets;

        private Wanted(int predictions) {
            rows = new long[predictions];
            targets = new long[predictions];
        }

        static Wanted of(List<LanguageExample> examples, int time) {
            int count = examples.stream().mapToInt(LanguageExample::predictions).sum();
            Wanted wanted = new Wanted(count);
            int next = 0;
            for (int row = 0; row < examples.size(); row++) {
                LanguageExample example = examples.get(row);
                for (int t = 1; t < example.tokens().length(); t++) {
                    if (example.isPredicted(t)) {
                        wanted.rows[next] = (long) row * time + t - 1;
                        wanted.targets[next++] = example.label(t);
                    }
                }
            }
            return wanted;
        }
    }
}
