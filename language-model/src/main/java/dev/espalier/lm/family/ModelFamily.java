package dev.espalier.lm.family;

import ai.djl.ndarray.NDArray;
import dev.espalier.tensors.Shape;
import java.util.Collection;
import java.util.List;
import java.util.SortedMap;
import java.util.stream.IntStream;

/**
 * One model of a family as its {@code config.json} describes it: names, shapes and equations, no
 * weights. Immutable, so one instance serves all threads.
 *
 * <p>A new family implements this, by way of the task it is for, in a sub-package of its own and is
 * named in {@code base.Families}.
 */
public sealed interface ModelFamily
        permits SequenceClassifier, CausalLanguageModel, TextToTextModel {

    /** What the model consists of, without the heads that were removed. */
    default ModelStructure structure() {
        return heads().structure();
    }

    /** The heads that the model has: all, unless some were removed. */
    ModelHeads heads();

    /**
     * The same model, which all heads but these were removed from.
     *
     * @param mask of the model with all heads
     * @throws IllegalArgumentException if the mask is of another model
     */
    ModelFamily keeping(HeadMask mask);

    /** Layers of the first stack: all, or those of the encoder where there is a decoder too. */
    default int firstStack() {
        return structure().layers();
    }

    /** The path that all modules of a layer of the first stack begin with. */
    String layerName(int layer);

    /** Such paths of all layers in the order of the forward pass, an encoder's first. */
    default List<String> layerNames() {
        return IntStream.range(0, firstStack()).mapToObj(this::layerName).toList();
    }

    /**
     * The linear layers inside one layer of the model, in the order of {@link
     * ModelStructure#linears()}.
     *
     * @param layer its place in {@link #layerNames()}
     */
    default List<LinearLayer> layerLinears(int layer) {
        String path = layerNames().get(layer) + ".";
        return structure().linears().stream()
                .filter(linear -> linear.module().startsWith(path))
                .toList();
    }

    /**
     * The lowest layer of the first stack that has one of some modules; {@link #firstStack} if none
     * has.
     */
    default int lowestLayer(Collection<String> modules) {
        for (int layer = 0; layer < firstStack(); layer++) {
            String path = layerName(layer) + ".";
            if (modules.stream().anyMatch(module -> module.startsWith(path))) {
                return layer;
            }
        }
        return firstStack();
    }

    /**
     * What enters a layer of the first stack: all that lies below, from where the pass begins; for
     * {@link Entry}.
     *
     * @param layer up to {@link #firstStack}
     * @return [batch, time, hidden]
     */
    NDArray statesBefore(int layer, Forward pass, TokenBatch batch);

    /** The class of transformers that computes the same, for {@code architectures}. */
    String architecture();

    /** Every tensor the forward pass reads, task head apart, by canonical name. */
    SortedMap<String, Shape> tensors();

    /**
     * The name we use for a stored tensor: that of the {@link #architecture()} in transformers.
     * Checkpoints of the bare model, and old ones, store others.
     */
    String canonicalName(String stored);
}
