package dev.espalier.lm.train;

import dev.espalier.lm.adapter.AdapterWeights;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Fine-tunes an adapter on examples of one kind. Holds no state: it may start any number of runs,
 * also at the same time in several threads on one base model.
 *
 * @param <E> what it learns from
 */
public abstract sealed class Trainer<E>
        permits ClassificationTrainer, LanguageModelTrainer, TextToTextTrainer {

    private final RunStarter starter;

    Trainer(RunStarter starter) {
        this.starter = starter;
    }

    /**
     * The examples as a task.
     *
     * @throws IllegalArgumentException if one does not fit the model; names which and why
     */
    abstract Task task(List<E> examples);

    /**
     * Starts a run; no step is done yet.
     *
     * @throws IllegalArgumentException if the weights do not fit the settings, nothing of them is
     *     trained, or an example does not fit the model; names which and why
     */
    public TrainingRun begin(AdapterWeights start, List<E> examples) {
        return starter.begin(start, task(examples));
    }

    /**
     * Goes on from a checkpoint of a run with the same settings and examples, as if it had not
     * stopped.
     *
     * @throws IllegalArgumentException if the checkpoint is of another run
     */
    public TrainingRun resume(TrainingCheckpoint checkpoint, List<E> examples) {
        return starter.resume(checkpoint, task(examples));
    }

    /** A whole run in one call. */
    public TrainingOutcome train(
            AdapterWeights start,
            List<E> examples,
            ProgressListener listener,
            BooleanSupplier stop) {
        try (TrainingRun run = begin(start, examples)) {
            return run.run(listener, stop);
        }
    }
}
