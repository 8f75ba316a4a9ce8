package dev.espalier.lm.sensitivity;

import dev.espalier.lm.adapter.AdapterWeights;
import dev.espalier.lm.train.StepChange;

/** Which values of a step are multiplied with its gradients. */
public enum WeightsOfStep {
    /** Those that the gradients were computed at: the first-order change of the loss. */
    BEFORE {
        @Override
        AdapterWeights of(StepChange change) {
            return change.before();
        }
    },
    /** Those after the optimiser moved, with the old gradients: what PEFT and loralib run. */
    AFTER {
        @Override
        AdapterWeights of(StepChange change) {
            return change.after();
        }
    };

    abstract AdapterWeights of(StepChange change);
}
