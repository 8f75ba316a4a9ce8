package dev.espalier.aggregation.publish;

import dev.espalier.tensors.safetensors.SafetensorsFile;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;

/**
 * The names of a classifier's outputs, in the metadata of its adapter file: PEFT's configuration
 * has no place for them, and other readers ignore metadata.
 */
final class AdapterLabels {

    static final String KEY = "espalier.labels";

    private AdapterLabels() {}

    /** {@code format} is what transformers asks of a safetensors file. */
    static Map<String, String> metadata(List<String> labels) {
        return Map.of("format", "pt", KEY, HouseJson.MAPPER.writeValueAsString(labels));
    }

    /** What transformers would call them where the file does not say. */
    static List<String> of(SafetensorsFile adapter, int outputs) {
        String json = adapter.metadata().get(KEY);
        if (json != null) {
            try {
                return HouseJson.MAPPER.readValue(json, new TypeReference<List<String>>() {});
            } catch (JacksonException notOurs) {
                // named like those of any other adapter
            }
        }
        return IntStream.range(0, outputs).mapToObj(id -> "LABEL_" + id).toList();
    }
}
