package dev.espalier.lm.family;

import java.util.ArrayList;
import java.util.List;

/**
 * What a base model consists of, for those who plan work on it without computing: adapters, byte
 * and operation counts, scopes.
 *
 * @param family {@code model_type} of {@code config.json}
 * @param layers of encoder and decoder together
 * @param hidden length of a token's state
 * @param heads attention heads per block
 * @param intermediate inner width of the feed-forward sublayer
 * @param vocabulary rows of the embedding table
 * @param maxPositions longest sequence, in tokens
 * @param parameters numbers in the base model, task head not counted
 * @param linears all linear layers that an adapter may sit on, in the order of the forward pass
 * @param attention all attention sublayers, in the order of the forward pass
 * @param taskHeadModule module that turns the last state into what is wanted; where that are
 *     classes, PEFT's {@code modules_to_save}
 * @param taskHeadLinears layers of a classification head; the last one's {@code out} is as the base
 *     has it; empty where the model does not classify
 * @param labels class names of the base's own classification head
 * @param defaultTargets names of the layers that PEFT adapts when it is told nothing
 * @param initializerRange standard deviation of a new head's weights
 */
public record ModelStructure(
        String family,
        int layers,
        int hidden,
        int heads,
        int headSize,
        int intermediate,
        int vocabulary,
        int maxPositions,
        long parameters,
        List<LinearLayer> linears,
        List<AttentionBlock> attention,
        String taskHeadModule,
        List<LinearLayer> taskHeadLinears,
        List<String> labels,
        List<String> defaultTargets,
        double initializerRange) {

    public ModelStructure {
        linears = List.copyOf(linears);
        attention = List.copyOf(attention);
        taskHeadLinears = List.copyOf(taskHeadLinears);
        labels = List.copyOf(labels);
        defaultTargets = List.copyOf(defaultTargets);
    }

    /**
     * The linear layer of that path.
     *
     * @throws IllegalArgumentException if there is none
     */
    public LinearLayer linear(String module) {
        return linears.stream()
                .filter(linear -> linear.module().equals(module))
                .findFirst()
                .orElseThrow(() ->
                        new IllegalArgumentException(
                                "a " + family + " model has no linear layer " + module));
    }

    /**
     * The head's layers for so many classes.
     *
     * @throws IllegalArgumentException if the model does not classify
     */
    public List<LinearLayer> taskHead(int classes) {
        if (taskHeadLinears.isEmpty()) {
            throw new IllegalArgumentException("a " + family + " model has no classification head");
        }
        LinearLayer last = taskHeadLinears.getLast();
        List<LinearLayer> head =
                new ArrayList<>(taskHeadLinears.subList(0, taskHeadLinears.size() - 1));
        head.add(new LinearLayer(last.module(), last.in(), classes));
        return List.copyOf(head);
    }
}
