package dev.espalier.aggregation.intake;

import java.io.IOException;
import java.nio.file.Path;

/** The check of whole updates, each kind by its own rules. */
record Inspectors(UpdateInspector trained, PruningInspector pruned) {

    /**
     * @throws IOException if a file cannot be read; never because of what is in the update
     */
    Inspection inspect(Path file, Expectation expected) throws IOException {
        return switch (expected) {
            case TrainingExpectation training -> trained.inspect(file, training);
            case PruningExpectation pruning -> pruned.inspect(file, pruning);
        };
    }
}
