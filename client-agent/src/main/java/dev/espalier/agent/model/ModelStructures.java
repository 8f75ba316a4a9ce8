package dev.espalier.agent.model;

import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.family.LinearLayer;
import dev.espalier.protocol.model.ModelStructure;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Says in the words of the protocol what a model of the language model library consists of. */
public final class ModelStructures {

    /** What PEFT adapts when it is told nothing. */
    private static final Map<String, List<String>> USUAL_TARGETS =
            Map.of("bert", List.of("query", "value"));

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

    /** The families that agents can load. */
    public static Set<String> families() {
        return USUAL_TARGETS.keySet();
    }

    static ModelStructure of(dev.espalier.lm.family.ModelStructure model) {
        return new ModelStructure(
                model.family(),
                model.layers(),
                model.hidden(),
                model.maxPositions(),
                model.vocabulary(),
                model.parameters(),
                model.linears().stream().map(ModelStructures::linear).toList(),
                model.attention().stream().map(ModelStructures::block).toList(),
                head(model.taskHeadLinears()),
                USUAL_TARGETS.getOrDefault(model.family(), List.of()));
    }

    private static ModelStructure.Linear linear(LinearLayer linear) {
        return new ModelStructure.Linear(linear.module(), linear.in(), linear.out(), true);
    }

    /** The last layer gives one value a label, however many those will be: 0. */
    private static List<ModelStructure.Linear> head(List<LinearLayer> layers) {
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
                block.heads(),
                block.headSize(),
                block.query(),
                block.key(),
                block.value(),
                block.output());
    }
}
