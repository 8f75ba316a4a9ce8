package dev.espalier.lm.base;

import dev.espalier.lm.family.ModelFamily;
import dev.espalier.lm.family.bert.Bert;
import dev.espalier.lm.family.bert.Roberta;
import dev.espalier.lm.family.gpt2.Gpt2;
import dev.espalier.lm.family.llama.Llama;
import dev.espalier.lm.family.opt.Opt;
import dev.espalier.lm.family.t5.T5;
import dev.espalier.lm.weights.ModelConfig;
import dev.espalier.lm.weights.ModelRefusedException;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;

/** The families that can be loaded, by {@code model_type}. */
final class Families {

    private static final SortedMap<String, Function<ModelConfig, ModelFamily>> BY_TYPE =
            new TreeMap<>();

    static {
        BY_TYPE.put("bert", Bert::of);
        BY_TYPE.put("roberta", Roberta::of);
        BY_TYPE.put("opt", Opt::of);
        BY_TYPE.put("llama", Llama::of);
        BY_TYPE.put("gpt2", Gpt2::of);
        BY_TYPE.put("t5", T5::of);
    }

    private Families() {}

    /**
     * @throws ModelRefusedException if there is no such family, or a setting of it is not supported
     */
    static ModelFamily of(ModelConfig config) {
        String type = config.text("model_type");
        Function<ModelConfig, ModelFamily> family = BY_TYPE.get(type);
        if (family == null) {
            throw new ModelRefusedException(
                    "config.json: model_type %s is not supported; supported: %s"
                            .formatted(type, BY_TYPE.keySet()));
        }
        return family.apply(config);
    }
}
