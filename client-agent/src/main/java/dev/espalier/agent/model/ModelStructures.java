package dev.espalier.agent.model;

import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.family.LinearLayer;
import dev.espalier.protocol.model.ModelStructure;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Says in the words of the protocol what a model of the language model library consists of. */
public final class ModelStructures {

    /** Those that classify, the one that writes after reading, and those that continue. */
    private static final Set<String> FAMILIES =
            Set.of("bert", "roberta", "t5", "opt", "llama", "gpt2");

    /**
     * Told of a model whose positions know no last one: the longest input a job may ask for. T5
     * counts positions from each other, so that a config without {@code n_positions} has no limit.
     */
    static final int LONGEST = 4096;

    private ModelStructures() {}

    /**
     * Describes the model in a Hugging Face folder, for whoever registers it as a base.
     *
     * @throws dev.espalier.lm.weights.ModelRefusedException if agents could not load it
     */
    public static ModelStructure describe(Path huggingFaceFolder) throws IOException {
        try (BaseModel model = BaseModel.load(huggingFaceFolder)) {
            return of(model.structure());
        }
    }

    /** The families that agents can train and evaluate. */
    public static Set<String> families() {
        return FAMILIES;
    }

    static ModelStructure of(dev.espalier.lm.family.ModelStructure model) {
        return new ModelStructure(
                model.family(),
                model.layers(),
                model.hidden(),
                Math.min(model.maxPositions(), LONGEST),
                model.vocabulary(),
                model.parameters(),
                model.linears().stream().map(ModelStructures::linear).toList(),
                model.attention().stream().map(ModelStructures::block).toList(),
                head(model.taskHeadLinears()),
                model.defaultTargets());
    }

    private static ModelStructure.Linear linear(LinearLayer linear) {
        return new ModelStructure.Linear(
                linear.module(), linear.in(), linear.out(), linear.biased());
    }

    /** The last layer gives one value a label, however many those will be: 0. */
    private static List<ModelStructure.Linear> head(List<LinearLayer> layers) {
        if (layers.isEmpty()) {
            return List.of();
        }
        List<ModelStructure.Linear> head = new ArrayList<>();
        layers.forEach(layer -> head.add(linear(layer)));
        ModelStructure.Linear last = head.removeLast();
        head.add(new ModelStructure.Linear(last.name(), last.in(), 0, last.bias()));
        return head;
    }

    private static ModelStructure.AttentionBlock block(
            dev.espalier.lm.family.AttentionBlock block) {
        return new ModelStructure.AttentionBlock(
                block.name(),
                block.heads(),
                block.keyValueHeads(),
                block.headSize(),
                block.query(),
                block.key(),
                block.value(),
                block.output());
    }
}
