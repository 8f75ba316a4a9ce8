package dev.espalier.lm.train;

import ai.djl.ndarray.NDArray;
import dev.espalier.lm.adapter.LiveAdapter;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.compute.Gradients;
import dev.espalier.lm.compute.NativeValues;
import dev.espalier.lm.compute.Workspace;
import dev.espalier.lm.family.Forward;
import dev.espalier.lm.family.ForwardObserver;
import dev.espalier.lm.family.TokenBatch;
import dev.espalier.lm.tokens.Example;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A base model with an adapter, applied to batches. Belongs to one thread at a time. */
final class Classifier {

    private final BaseModel base;
    private final LiveAdapter adapter;

    Classifier(BaseModel base, LiveAdapter adapter) {
        this.base = base;
        this.adapter = adapter;
    }

    /** Logits [batch, classes] and loss of every example of a batch. */
    static final class Scores {
        final float[] logits;
        final float[] losses;

        Scores(float[] logits, float[] losses) {
            this.logits = logits;
            this.losses = losses;
        }
    }

    /**
     * Adds {@code weight} times the gradient of the mean loss to that of every trained array.
     *
     * @return the mean loss
     */
    double backward(List<Example> examples, Entrance entrance, Masks masks, double weight) {
        try (Gradients _ = Gradients.recorded();
                Workspace workspace = new Workspace(adapter.manager())) {
            NDArray logits = logits(examples, workspace, entrance, masks, null);
            NDArray loss = CrossEntropy.mean(logits, examples);
            Gradients.backward(loss, weight);
            return NativeValues.number(loss);
        }
    }

    /** Nothing is recorded, nothing dropped. */
    Scores scores(List<Example> examples, @Nullable ForwardObserver observer) {
        try (Gradients _ = Gradients.off();
                Workspace workspace = new Workspace(adapter.manager())) {
            NDArray logits = logits(examples, workspace, Entrance.EMBEDDINGS, Masks.NONE, observer);
            NDArray losses = CrossEntropy.perExample(logits, examples);
            return new Scores(NativeValues.floats(logits), NativeValues.floats(losses));
        }
    }

    private NDArray logits(
            List<Example> examples,
            Workspace workspace,
            Entrance entrance,
            Masks masks,
            @Nullable ForwardObserver observer) {
        TokenBatch batch =
                TokenBatch.of(
                        examples.stream().map(Example::tokens).toList(),
                        workspace,
                        base.weights().precision());
        Forward pass =
                new Forward(
                        workspace,
                        base.weights(),
                        adapter.linears(masks.adapter()),
                        masks.model(),
                        observer,
                        entrance.into(workspace));
        return base.classifier().classify(pass, batch);
    }
}
