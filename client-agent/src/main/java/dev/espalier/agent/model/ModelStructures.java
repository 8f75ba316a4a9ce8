package dev.espalier.agent.model;

import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.family.LinearLayer;
import dev.espalier.lm.family.ModelFamily;
import dev.espalier.protocol.model.ModelStructure;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

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
            return of(model);
        }
    }

    /** The families that agents can train and evaluate. */
    public static Set<String> families() {
        return FAMILIES;
    }

    static ModelStructure of(BaseModel base) {
        dev.espalier.lm.family.ModelStructure model = base.structure();
        return new ModelStructure(
                model.family(),
                model.layers(),
                model.hidden(),
                Math.min(model.maxPositions(), LONGEST),
                model.vocabulary(),
                model.parameters(),
                linears(base.family()),
                model.attention().stream().map(ModelStructures::block).toList(),
                head(model.taskHeadLinears()),
                model.defaultTargets());
    }

    /** In the order of the forward pass, each with its layer. */
    private static List<ModelStructure.Linear> linears(ModelFamily family) {
        Map<String, Integer> layers = new HashMap<>();
        for (int layer = 0; layer < family.layerNames().size(); layer++) {
            for (LinearLayer linear : family.layerLinears(layer)) {
                layers.put(linear.module(), layer);
            }
        }
        return family.structure().linears().stream()
                .map(linear -> linear(linear, layers.get(linear.module())))
                .toList();
    }

    private static ModelStructure.Linear linear(LinearLayer linear, @Nullable Integer layer) {
        return new ModelStructure.Linear(
                linear.module(), linear.in(), linear.out(), linear.biased(), layer);
    }

    /** The last layer gives one value a label, however many those will be: 0. */
    private static List<ModelStructure.Linear> head(List<LinearLayer> layers) {
        if (layers.isEmpty()) {
            return List.of();
        }
        List<ModelStructure.Linear> head = new ArrayList<>();
        layers.forEach(layer -> head.add(linear(layer, null)));
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
