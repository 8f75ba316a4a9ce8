package dev.espalier.lm.train;

import dev.espalier.lm.adapter.AdapterSettings;
import dev.espalier.lm.adapter.AdapterWeights;
import dev.espalier.lm.adapter.LiveAdapter;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.tensors.Shape;
import java.util.Map;

/** Begins and resumes runs, whatever the task. */
record RunStarter(BaseModel base, AdapterSettings adapter, TrainingSettings settings) {

    /**
     * @throws IllegalArgumentException if the weights do not fit the settings
     */
    TrainingRun begin(AdapterWeights start, Task task) {
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
                    "the checkpoint was taken with other settings or examples");
        }
        return open(task, checkpoint);
    }

    private String fingerprint(Task task) {
        return Fingerprint.of(adapter, settings, base.weights().precision(), task);
    }

    private TrainingRun open(Task task, TrainingCheckpoint from) {
        LiveAdapter live = base.adapt(adapter, from.weights());
        try {
            return new TrainingRun(task, live, settings, from);
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
