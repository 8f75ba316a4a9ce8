package dev.espalier.lm.adapter;

import dev.espalier.lm.family.CausalLanguageModel;
import dev.espalier.lm.family.LinearLayer;
import dev.espalier.lm.family.ModelFamily;
import dev.espalier.lm.family.SequenceClassifier;
import dev.espalier.lm.family.TextToTextModel;
import dev.espalier.lm.weights.ModelConfig;
import dev.espalier.lm.weights.ModelRefusedException;
import dev.espalier.tensors.safetensors.SafetensorsFile;
import dev.espalier.tensors.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * An adapter as a folder that PEFT loads: {@code adapter_config.json} and {@code
 * adapter_model.safetensors}.
 *
 * <p>PEFT has no place for the labels of a trained head; they travel in the metadata of the
 * safetensors file, which other readers ignore. The same adapter always gives the same bytes.
 */
public record PeftFolder(AdapterSettings settings, AdapterWeights weights) {

    /** File name of the settings. */
    public static final String CONFIG = "adapter_config.json";

    /** File name of the values. */
    public static final String WEIGHTS = "adapter_model.safetensors";

    private static final String LABELS = "labels";
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    /**
     * @throws ModelRefusedException if a setting is not supported or a file is missing or malformed
     */
    public static PeftFolder read(Path folder) throws IOException {
        ModelConfig config = ModelConfig.read(folder.resolve(CONFIG));
        Path file = folder.resolve(WEIGHTS);
        if (!Files.isRegularFile(file)) {
            throw new ModelRefusedException(file + " is missing");
        }
        try (SafetensorsFile tensors = SafetensorsFile.open(file)) {
            AdapterWeights.Builder weights = AdapterWeights.builder();
            for (String name : tensors.names()) {
                weights.put(name, tensors.info(name).shape(), tensors.floats(name));
            }
            AdapterWeights values = weights.build();
            return new PeftFolder(settings(config, values, tensors.metadata()), values);
        }
    }

    /**
     * Writes the values, then the settings: a folder that has both is complete. Says that the
     * adapter is for classification.
     *
     * @param baseModel name or path of the base model, for {@code base_model_name_or_path}
     */
    public void write(Path folder, String baseModel) throws IOException {
        write(folder, baseModel, false, "SEQ_CLS");
    }

    /**
     * As {@link #write(Path, String)}, saying what the adapter is for and how the layers that it
     * sits on are stored.
     */
    public void write(Path folder, String baseModel, ModelFamily base) throws IOException {
        List<LinearLayer> layers = settings.targets().of(base.structure());
        boolean inputFirst = layers.stream().allMatch(LinearLayer::inputFirst);
        String task =
                switch (base) {
                    case SequenceClassifier _ -> "SEQ_CLS";
                    case CausalLanguageModel _ -> "CAUSAL_LM";
                    case TextToTextModel _ -> "SEQ_2_SEQ_LM";
                };
        write(folder, baseModel, inputFirst, task);
    }

    private void write(Path folder, String baseModel, boolean inputFirst, String task)
            throws IOException {
        if (settings.isTruncated()) {
            throw new IllegalStateException(
                    "PEFT divides alpha by the rank that is left: put the components back first");
        }
        Files.createDirectories(folder);
        SafetensorsWriter writer = new SafetensorsWriter().metadata("format", "pt");
        if (settings.head() instanceof TaskHead.Trained trained) {
            writer.metadata(LABELS, JSON.valueToTree(trained.labels()).toString());
        }
        for (String name : weights.names()) {
            writer.floats(name, weights.shape(name), weights.values(name));
        }
        writer.write(folder.resolve(WEIGHTS));
        Files.writeString(
                folder.resolve(CONFIG),
                JSON.writeValueAsString(config(baseModel, inputFirst, task)));
    }

    private static AdapterSettings settings(
            ModelConfig config, AdapterWeights weights, Map<String, String> metadata) {
        config.requireOneOf("peft_type", "LORA");
        config.requireOneOf("bias", "none");
        for (String unsupported : UNSUPPORTED) {
            config.requireUnset(unsupported);
        }
        TargetModules targets =
                config.isText("target_modules")
                        ? TargetModules.expression(config.text("target_modules"))
                        : new TargetModules.Names(config.texts("target_modules"));
        return new AdapterSettings(
                config.integer("r", 8),
                config.number("lora_alpha", 8),
                config.number("lora_dropout", 0),
                targets,
                head(config, weights, metadata));
    }

    /**
     * Settings of PEFT that would change the result and that we do not implement. Not {@code
     * fan_in_fan_out}: how a layer is stored is for the base to say, and PEFT too corrects a wrong
     * one.
     */
    private static final List<String> UNSUPPORTED =
            List.of(
                    "use_rslora",
                    "use_dora",
                    "rank_pattern",
                    "alpha_pattern",
                    "layers_to_transform",
                    "exclude_modules",
                    "target_parameters",
                    "trainable_token_indices",
                    "megatron_config",
                    "layer_replication");

    private static TaskHead head(
            ModelConfig config, AdapterWeights weights, Map<String, String> metadata) {
        if (!config.has("modules_to_save") || config.texts("modules_to_save").isEmpty()) {
            return TaskHead.frozen();
        }
        if (metadata.containsKey(LABELS)) {
            List<String> labels = new ArrayList<>();
            JSON.readTree(metadata.get(LABELS)).forEach(label -> labels.add(label.asString()));
            return TaskHead.trained(labels);
        }
        return TaskHead.trained(invented(weights));
    }

    /** As many labels as the last bias of the saved head has values; transformers' names. */
    private static List<String> invented(AdapterWeights weights) {
        String bias =
                weights.names().stream()
                        .filter(name -> name.endsWith(".bias"))
                        .reduce((first, second) -> second)
                        .orElseThrow(() ->
                                new ModelRefusedException(
                                        "modules_to_save, but no saved module's bias in "
                                                + WEIGHTS));
        List<String> labels = new ArrayList<>();
        for (int i = 0; i < weights.shape(bias).elements(); i++) {
            labels.add("LABEL_" + i);
        }
        return labels;
    }

    private ObjectNode config(String baseModel, boolean inputFirst, String task) {
        ObjectNode config = JSON.createObjectNode();
        config.put("base_model_name_or_path", baseModel);
        config.put("bias", "none");
        config.put("fan_in_fan_out", inputFirst);
        config.put("inference_mode", true);
        config.put("init_lora_weights", true);
        config.put("lora_alpha", settings.alpha());
        config.put("lora_dropout", settings.dropout());
        if (settings.head() instanceof TaskHead.Trained) {
            config.putArray("modules_to_save").add(savedModule());
        } else {
            config.putNull("modules_to_save");
        }
        config.put("peft_type", "LORA");
        config.put("r", settings.rank());
        putTargets(config);
        config.put("task_type", task);
        return config;
    }

    private void putTargets(ObjectNode config) {
        switch (settings.targets()) {
            case TargetModules.Names names -> {
                ArrayNode list = config.putArray("target_modules");
                names.names().forEach(list::add);
            }
            case TargetModules.Expression expression ->
                    config.put("target_modules", expression.regex());
        }
    }

    /** The first step of the path of what is neither A nor B. */
    private String savedModule() {
        String saved =
                weights.names().stream()
                        .filter(name -> !name.contains(".lora_"))
                        .findFirst()
                        .orElseThrow();
        return saved.substring(AdapterKey.PREFIX.length()).split("\\.", 2)[0];
    }
}
