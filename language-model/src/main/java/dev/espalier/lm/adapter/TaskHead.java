package dev.espalier.lm.adapter;

import java.util.HashSet;
import java.util.List;

/** What becomes of the layers that turn a model's last state into classes. */
public sealed interface TaskHead {

    /** Trained along with the adapter and stored with it: PEFT's {@code modules_to_save}. */
    record Trained(List<String> labels) implements TaskHead {

        public Trained {
            labels = List.copyOf(labels);
            if (labels.size() < 2 || new HashSet<>(labels).size() < labels.size()) {
                throw new IllegalArgumentException("two or more different labels: " + labels);
            }
        }
    }

    /** Stays as the base model has it. */
    record Frozen() implements TaskHead {}

    static TaskHead trained(List<String> labels) {
        return new Trained(labels);
    }

    static TaskHead frozen() {
        return new Frozen();
    }
}
