package dev.espalier.lm.train;

import dev.espalier.lm.adapter.AdapterSettings;
import dev.espalier.lm.adapter.AdapterWeights;
import dev.espalier.lm.adapter.LiveAdapter;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.tokens.Example;
import dev.espalier.tensors.Shape;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * Fine-tunes an adapter so that the model tells classes of text apart. Holds no state: it may start
 * any number of runs, also at the same time in several threads on one base model.
 */
public final class ClassificationTrainer {

    private final BaseModel base;
    private final AdapterSettings adapter;
    private final TrainingSettings settings;

    public ClassificationTrainer(
            BaseModel base, AdapterSettings adapter, TrainingSettings settings) {
        this.base = base;
        this.adapter = adapter;
        this.settings = settings;
    }

    /**
     * Starts a run; no step is done yet.
     *
     * @throws IllegalArgumentException if the weights do not fit the settings, or an example does
     *     not fit the model; names which and why
     */
    public TrainingRun begin(AdapterWeights start, List<Example> examples) {
        ExampleCheck.check(base, adapter, examples);
        AdapterWeights zeros = zerosLike(start);
        return open(
                examples,
                new TrainingCheckpoint(
                        Fingerprint.of(adapter, settings, examples),
                        start,
                        zeros,
                        zeros,
                        0,
                        0,
                        Double.NaN,
                        0,
                        Double.NaN));
    }

    /**
     * Goes on from a checkpoint of a run with the same settings and examples, as if it had not
     * stopped.
     *
     * @throws IllegalArgumentException if the checkpoint is of another run
     */
    public TrainingRun resume(TrainingCheckpoint checkpoint, List<Example> examples) {
        ExampleCheck.check(base, adapter, examples);
        String expected = Fingerprint.of(adapter, settings, examples);
        if (!checkpoint.fingerprint().equals(expected)) {
            throw new IllegalArgumentException(
                    "the checkpoint was taken with other settings or examples");
        }
        return open(examples, checkpoint);
    }

    /** A whole run in one call. */
    public TrainingOutcome train(
            AdapterWeights start,
            List<Example> examples,
            ProgressListener listener,
            BooleanSupplier stop) {
        try (TrainingRun run = begin(start, examples)) {
            return run.run(listener, stop);
        }
    }

    private TrainingRun open(List<Example> examples, TrainingCheckpoint from) {
        LiveAdapter live = base.adapt(adapter, from.weights());
        try {
            return new TrainingRun(new Classifier(base, live), live, settings, examples, from);
        } catch (RuntimeException e) {
            live.close();
            throw e;
        }
    }

    private static AdapterWeights zerosLike(AdapterWeights weights) {
        AdapterWeights.Builder zeros = AdapterWeights.builder();
        for (Map.Entry<String, Shape> entry : weights.shapes().entrySet()) {
            int length = Math.toIntExact(entry.getValue().elements());
            zeros.put(entry.getKey(), entry.getValue(), new float[length]);
        }
        return zeros.build();
    }
}
