package dev.espalier.aggregation.publish;

import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code config.json} of a merged model: that of the base, and what the merge changes. */
final class MergedConfig {

    private static final String CLASSIFIER = "ForSequenceClassification";

    /**
     * By {@code model_type}: what loads the whole model that writes, its language head included.
     */
    private static final Map<String, String> WRITERS =
            Map.of(
                    "gpt2", "GPT2LMHeadModel",
                    "llama", "LlamaForCausalLM",
                    "opt", "OPTForCausalLM",
                    "t5", "T5ForConditionalGeneration");

    /** What transformers puts behind a family's name: BertModel, BertForMaskedLM. */
    private static final Pattern SUFFIX = Pattern.compile("(LMHeadModel|Model|For[A-Z].*)$");

    /** As transformers called it, and calls it. */
    private static final List<String> NUMBER_FORMAT = List.of("torch_dtype", "dtype");

    private MergedConfig() {}

    /**
     * Of one that writes: all stays as the base has it, whether its embeddings are tied to its head
     * included, but for the name of the whole model where the base is registered as a bare one.
     */
    static ObjectNode writer(ObjectNode base) {
        ObjectNode config = base.deepCopy();
        String architecture = WRITERS.get(base.path("model_type").asString(""));
        if (architecture != null) {
            config.putArray("architectures").add(architecture);
        }
        return config;
    }

    /** Of one that tells these classes apart. */
    static ObjectNode classifier(ObjectNode base, List<String> labels) {
        ObjectNode config = base.deepCopy();
        ArrayNode architectures = config.putArray("architectures");
        base.path("architectures")
                .forEach(architecture -> architectures.add(classifier(architecture)));
        if (architectures.isEmpty()) {
            config.remove("architectures"); // model_type alone is enough for transformers
        }
        ObjectNode id2label = config.putObject("id2label");
        ObjectNode label2id = config.putObject("label2id");
        for (int id = 0; id < labels.size(); id++) {
            id2label.put(Integer.toString(id), labels.get(id));
            label2id.put(labels.get(id), id);
        }
        config.put("problem_type", "single_label_classification");
        return config;
    }

    /**
     * {@code config.json} of a base into which changes were merged in F32: whoever goes by its
     * number format must not round them away again.
     */
    static ObjectNode widened(ObjectNode base) {
        ObjectNode config = base.deepCopy();
        for (String key : NUMBER_FORMAT) {
            if (config.has(key)) {
                config.put(key, "float32");
            }
        }
        return config;
    }

    private static String classifier(JsonNode architecture) {
        return SUFFIX.matcher(architecture.asString()).replaceFirst("") + CLASSIFIER;
    }
}
