package dev.espalier.aggregation.publish;

import java.util.List;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code config.json} of a merged classifier: that of the base, and what its task adds. */
final class MergedConfig {

    private static final String TASK = "ForSequenceClassification";

    /** What transformers puts behind a family's name: BertModel, BertForMaskedLM. */
    private static final Pattern SUFFIX = Pattern.compile("(LMHeadModel|Model|For[A-Z].*)$");

    private MergedConfig() {}

    static ObjectNode of(ObjectNode base, List<String> labels) {
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

    private static String classifier(JsonNode architecture) {
        return SUFFIX.matcher(architecture.asString()).replaceFirst("") + TASK;
    }
}
