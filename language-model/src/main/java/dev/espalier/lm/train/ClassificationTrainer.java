package dev.espalier.lm.train;

import dev.espalier.lm.adapter.AdapterPart;
import dev.espalier.lm.adapter.AdapterSettings;
import dev.espalier.lm.adapter.AdapterWeights;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.tokens.Example;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Fine-tunes an adapter so that the model tells classes of text apart. Holds no state: it may start
 * any number of runs, also at the same time in several threads on one base model.
 */
public final class ClassificationTrainer {

    private final BaseModel base;
    private final AdapterSettings adapter;
    private final RunStarter starter;

    /** The whole adapter is trained. */
    public ClassificationTrainer(
            BaseModel base, AdapterSettings adapter, TrainingSettings settings) {
        this(base, adapter, settings, AdapterPart.whole());
    }

    /**
     * @param trained the entries of the adapter that are trained; the others keep their bits
     */
    public ClassificationTrainer(
            BaseModel base,
            AdapterSettings adapter,
            TrainingSettings settings,
            AdapterPart trained) {
        this.base = base;
        this.adapter = adapter;
        this.starter = new RunStarter(base, adapter, settings, trained);
    }

    /**
     * Starts a run; no step is done yet.
     *
     * @throws IllegalArgumentException if the weights do not fit the settings, nothing of them is
     *     trained, or an example does not fit the model; names which and why
     */
    public TrainingRun begin(AdapterWeights start, List<Example> examples) {
        return starter.begin(start, task(examples));
    }

    /**
     * Goes on from a checkpoint of a run with the same settings and examples, as if it had not
     * stopped.
     *
     * @throws IllegalArgumentException if the checkpoint is of another run
     */
    public TrainingRun resume(TrainingCheckpoint checkpoint, List<Example> examples) {
        return starter.resume(checkpoint, task(examples));
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

    private Task task(List<Example> examples) {
        ExampleCheck.check(base, adapter, examples);
        return new ClassificationTask(base, examples);
    }
}
