package dev.espalier.lm.train;

import dev.espalier.lm.adapter.AdapterPart;
import dev.espalier.lm.adapter.AdapterSettings;
import dev.espalier.lm.adapter.AdapterWeights;
import dev.espalier.lm.adapter.LiveAdapter;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.weights.FrozenWeights;
import dev.espalier.tensors.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Begins and resumes runs, whatever the task.
 *
 * @param trained the entries of the adapter that may change
 */
record RunStarter(
        BaseModel base, AdapterSettings adapter, TrainingSettings settings, AdapterPart trained) {

    /** Of the whole adapter. */
    RunStarter(BaseModel base, AdapterSettings adapter, TrainingSettings settings) {
        this(base, adapter, settings, AdapterPart.whole());
    }

    /**
     * @throws IllegalArgumentException if the weights or the part do not fit the settings, or
     *     nothing of them is trained
     */
    TrainingRun begin(AdapterWeights start, Task task) {
        if (start.names().stream().allMatch(name -> trained.of(name).isEmpty())) {
            throw new IllegalArgumentException("nothing of the adapter is trained");
        }
        AdapterWeights zeros = zerosLike(start);
        return open(
                task,
                new TrainingCheckpoint(
                        fingerprint(task), start, zeros, zeros, 0, 0, Double.NaN, 0, Double.NaN));
    }

    /**
     * @throws IllegalArgumentException if the checkpoint is of another run
     */
    TrainingRun resume(TrainingCheckpoint checkpoint, Task task) {
        if (!checkpoint.fingerprint().equals(fingerprint(task))) {
            throw new IllegalArgumentException(
                    "the checkpoint was taken with other settings or examples, or on another base");
        }
        return open(task, checkpoint);
    }

    /** Which heads the base has left, and what is trained, is told only where it is not all. */
    private String fingerprint(Task task) {
        FrozenWeights weights = base.weights();
        List<Object> form =
                new ArrayList<>(
                        List.of(adapter, settings, weights.precision(), weights.identity()));
        if (!base.heads().isWhole()) {
            form.add(base.heads().mask());
        }
        if (!trained.isWhole()) {
            form.add(trained);
        }
        return Fingerprint.of(form, task);
    }

    private TrainingRun open(Task task, TrainingCheckpoint from) {
        LiveAdapter live = base.adapt(adapter, from.weights(), trained);
        try {
            Set<String> modules = base.layout(adapter).trainedModules(trained);
            FrozenStates states = FrozenStates.of(base, live, modules, settings, task);
            return opened(task, live, states, from);
        } catch (RuntimeException e) {
            live.close();
            throw e;
        }
    }

    private TrainingRun opened(
            Task task, LiveAdapter live, FrozenStates states, TrainingCheckpoint from) {
        try {
            return new TrainingRun(task, live, states, settings, from);
        } catch (RuntimeException e) {
            states.close();
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
