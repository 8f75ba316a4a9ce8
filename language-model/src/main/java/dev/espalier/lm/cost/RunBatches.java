package dev.espalier.lm.cost;

import java.util.List;

/**
 * The batches of a training run. What lies below the lowest layer in which anything is trained need
 * not be computed in every epoch.
 *
 * @param whole batches of steps that began with the embeddings
 * @param entered batches of steps that began where the kept states of frozen layers enter
 * @param prepared the passes in which these states were computed, once for each text
 */
public record RunBatches(
        List<BatchShape> whole, List<BatchShape> entered, List<BatchShape> prepared) {

    public RunBatches {
        whole = List.copyOf(whole);
        entered = List.copyOf(entered);
        prepared = List.copyOf(prepared);
    }
}
