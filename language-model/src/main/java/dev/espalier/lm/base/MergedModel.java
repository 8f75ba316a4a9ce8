package dev.espalier.lm.base;

import dev.espalier.lm.adapter.AdapterDelta;
import dev.espalier.lm.adapter.AdapterLayout;
import dev.espalier.lm.adapter.AdapterSettings;
import dev.espalier.lm.adapter.AdapterWeights;
import dev.espalier.lm.family.LinearLayer;
import dev.espalier.lm.weights.ModelFolder;
import dev.espalier.tensors.Shape;
import dev.espalier.tensors.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.SortedMap;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A base model with an adapter merged in, as a Hugging Face folder that transformers loads without
 * PEFT: {@code W + (alpha / rank) · B A} in F32, the trained head, and the labels of one that
 * classifies.
 */
public final class MergedModel {

    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    /** Files that go with a tokenizer and are copied as they are. */
    private static final List<String> TOKENIZER_FILES =
            List.of(
                    ModelFolder.TOKENIZER,
                    "tokenizer_config.json",
                    "special_tokens_map.json",
                    "vocab.txt",
                    "vocab.json",
                    "merges.txt",
                    "tokenizer.model",
                    "spiece.model",
                    ModelFolder.GENERATION);

    private static final String NUM_LABELS = "num_labels";

    private MergedModel() {}

    /**
     * Writes {@code model.safetensors}, the tokenizer's files and, last, {@code config.json}: a
     * folder that has one is complete. The same model and adapter give the same bytes.
     *
     * @throws IllegalArgumentException if the weights do not fit the settings, or the model lost
     *     heads
     */
    public static void write(
            BaseModel base, AdapterSettings settings, AdapterWeights weights, Path folder)
            throws IOException {
        requireAllHeads(base);
        AdapterLayout layout = base.layout(settings);
        layout.check(weights);
        Files.createDirectories(folder);
        tensors(base, layout, new AdapterDelta(layout, weights))
                .write(folder.resolve(ModelFolder.WEIGHTS));
        copyTokenizer(base.folder().path(), folder);
        writeConfig(base, settings, folder.resolve(ModelFolder.CONFIG));
    }

    /**
     * Takes an adapter out of a model again and writes what was there before it, in F32: the same
     * weights, but for the last bit of some (see {@link AdapterDelta#takenFrom}). A head that the
     * adapter had replaced is lost, and its labels go with it: the folder has none.
     *
     * @param merged a model that {@link #write} wrote with this adapter
     * @throws IllegalArgumentException if the weights do not fit the settings or the model, or the
     *     model lost heads
     */
    public static void undo(
            BaseModel merged, AdapterSettings settings, AdapterWeights weights, Path folder)
            throws IOException {
        requireAllHeads(merged);
        AdapterLayout layout = merged.layout(settings);
        layout.check(weights);
        Files.createDirectories(folder);
        AdapterDelta delta = new AdapterDelta(layout, weights);
        SafetensorsWriter writer = new SafetensorsWriter().metadata("format", "pt");
        merged.weights()
                .shapes()
                .forEach((name, shape) ->
                        delta.takenFrom(name, () -> merged.weights().floats(name))
                                .ifPresent(values -> writer.floats(name, shape, values)));
        writer.write(folder.resolve(ModelFolder.WEIGHTS));
        copyTokenizer(merged.folder().path(), folder);
        ObjectNode config = config(merged);
        if (!layout.head().isEmpty()) {
            config.remove(List.of("id2label", "label2id", NUM_LABELS));
        }
        write(config, folder.resolve(ModelFolder.CONFIG));
    }

    private static void requireAllHeads(BaseModel model) {
        if (!model.heads().isWhole()) {
            throw new IllegalArgumentException(
                    "transformers cannot load a model that lost heads: take the whole one");
        }
    }

    private static SafetensorsWriter tensors(
            BaseModel base, AdapterLayout layout, AdapterDelta delta) {
        SortedMap<String, Shape> shapes = base.weights().shapes();
        for (LinearLayer linear : layout.head()) {
            linear.putInto(shapes);
        }
        SafetensorsWriter writer = new SafetensorsWriter().metadata("format", "pt");
        shapes.forEach((name, shape) ->
                writer.floats(
                        name, shape, delta.mergedInto(name, () -> base.weights().floats(name))));
        return writer;
    }

    private static void writeConfig(BaseModel base, AdapterSettings settings, Path file)
            throws IOException {
        ObjectNode config = config(base);
        List<String> labels = settings.labels(base.structure());
        if (!labels.isEmpty()) {
            putLabels(config, labels);
        }
        write(config, file);
    }

    private static ObjectNode config(BaseModel model) {
        ObjectNode config = model.folder().config().toJson();
        config.putArray("architectures").add(model.family().architecture());
        config.put("torch_dtype", "float32");
        return config;
    }

    private static void write(ObjectNode config, Path file) throws IOException {
        Files.writeString(file, JSON.writeValueAsString(config));
    }

    private static void putLabels(ObjectNode config, List<String> labels) {
        config.remove(NUM_LABELS); // it may have counted other ones
        ObjectNode names = config.putObject("id2label");
        ObjectNode ids = config.putObject("label2id");
        for (int id = 0; id < labels.size(); id++) {
            names.put(Integer.toString(id), labels.get(id));
            ids.put(labels.get(id), id);
        }
    }

    private static void copyTokenizer(Path from, Path to) throws IOException {
        for (String name : TOKENIZER_FILES) {
            if (Files.isRegularFile(from.resolve(name))) {
                Files.copy(
                        from.resolve(name), to.resolve(name), StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }
}
