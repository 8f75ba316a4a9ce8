package dev.espalier.aggregation.combine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.aggregation.AttentionModel;
import dev.espalier.aggregation.TinyModel;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.job.AggregationSpec;
import dev.espalier.protocol.update.AdapterLayout;
import dev.espalier.protocol.update.AdapterTensor;
import dev.espalier.tensors.DType;
import dev.espalier.tensors.Shape;
import dev.espalier.tensors.combine.MaskedMean;
import dev.espalier.tensors.masked.MaskedTensor;
import dev.espalier.tensors.masked.UpdateFile;
import dev.espalier.tensors.safetensors.SafetensorsFile;
import dev.espalier.tensors.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A published case on the one adapted module of a model, from files to a file: expectations hold
 * once they are rounded to a float.
 */
final class OneModule {

    private static final String BLOCK = AttentionModel.block(0);

    private final Path folder;
    private final AttentionModel model;
    private final AdapterLayout layout;
    private final String name;

    OneModule(Path folder, AttentionModel model, int rank, String target) {
        this.folder = folder;
        this.model = model;
        this.layout = model.layout(rank, target);
        this.name = BLOCK + "." + target;
    }

    /** A [rank, in], B [out, rank], of one head. */
    static OneModule plain(Path folder, int rank, int in, int out) {
        return new OneModule(
                folder, new AttentionModel(1, 1, 1, out, in, out, false), rank, "query");
    }

    AdapterTensor factor(String factor) {
        return layout.tensor(AdapterLayout.PREFIX + name + ".lora_" + factor + ".weight")
                .orElseThrow();
    }

    List<Brought> write(JsonNode clients) throws IOException {
        List<Brought> brought = new ArrayList<>();
        for (JsonNode client : clients) {
            brought.add(write("agent-" + brought.size(), client));
        }
        return brought;
    }

    /**
     * Exactly what the vector gives: also the shared factor of a client without heads, which intake
     * lets nobody send.
     */
    Brought write(String agent, JsonNode client) throws IOException {
        List<MaskedTensor> tensors = new ArrayList<>();
        for (String name : List.of("A", "B")) {
            if (client.has(name)) {
                AdapterTensor factor = factor(name);
                AdapterLayout.Part part = part(factor, client);
                if (!part.isEmpty()) {
                    tensors.add(TinyModel.part(factor, part, spread(factor, client)));
                }
            }
        }
        Path file = folder.resolve(agent + ".safetensors");
        UpdateFile.write(file, Map.of(), tensors, DType.F32);
        long examples = client.get("n").asLong();
        return new Brought(new AgentName(agent), examples, heads(client), file);
    }

    private static @Nullable KeptHeads heads(JsonNode client) {
        if (!client.has("keep")) {
            return null;
        }
        List<Integer> kept = kept(client);
        List<Double> confidence =
                kept.stream().map(head -> client.get("conf").get(head).asDouble()).toList();
        return KeptHeads.of(Map.of(BLOCK, kept), Map.of(BLOCK, confidence));
    }

    private static List<Integer> kept(JsonNode client) {
        return IntStream.range(0, client.get("keep").size())
                .filter(head -> client.get("keep").get(head).asInt() == 1)
                .boxed()
                .toList();
    }

    /** What the client's masks leave of a factor, whatever else the vector shows. */
    private AdapterLayout.Part part(AdapterTensor factor, JsonNode client) {
        List<Integer> trained = trained(client);
        boolean output = name.endsWith(".out");
        List<Integer> ofHeads =
                client.has("keep") && isA(factor) == output
                        ? ofKeptHeads(model.headSize(), kept(client))
                        : null;
        if (output) {
            return new AdapterLayout.Part(null, ofHeads);
        }
        return isA(factor)
                ? new AdapterLayout.Part(trained, null)
                : new AdapterLayout.Part(ofHeads, trained);
    }

    /** Those it names, or the first ones where it has fewer than there are; null for all. */
    private @Nullable List<Integer> trained(JsonNode client) {
        if (client.has("idx")) {
            return client.get("idx").valueStream().map(JsonNode::asInt).toList();
        }
        int rank = factor("A").shape().getFirst();
        int sent = client.get("A").size();
        return sent == rank ? null : IntStream.range(0, sent).boxed().toList();
    }

    private static List<Integer> ofKeptHeads(int size, List<Integer> kept) {
        return kept.stream()
                .flatMap(head -> IntStream.range(head * size, (head + 1) * size).boxed())
                .toList();
    }

    /** The values of a factor in their places in the whole tensor. */
    private float[] spread(AdapterTensor factor, JsonNode client) {
        JsonNode matrix = client.get(isA(factor) ? "A" : "B");
        boolean composed = client.has("idx");
        int width = factor.shape().get(1);
        float[] values = new float[(int) factor.elements()];
        for (int r = 0; r < matrix.size(); r++) {
            for (int c = 0; c < matrix.get(r).size(); c++) {
                int row = composed && isA(factor) ? client.get("idx").get(r).asInt() : r;
                int column = composed && !isA(factor) ? client.get("idx").get(c).asInt() : c;
                if (!matrix.get(r).get(c).isNull()) {
                    values[row * width + column] = matrix.get(r).get(c).floatValue();
                }
            }
        }
        return values;
    }

    private static boolean isA(AdapterTensor factor) {
        return factor.kind() == AdapterTensor.Kind.LORA_A;
    }

    /**
     * @param previous null or without a factor: zeros
     */
    void combine(@Nullable JsonNode previous, List<Brought> brought, AggregationSpec specification)
            throws IOException {
        SafetensorsWriter writer = new SafetensorsWriter();
        for (String name : List.of("A", "B")) {
            AdapterTensor factor = factor(name);
            float[] values =
                    previous == null || !previous.has(name)
                            ? new float[(int) factor.elements()]
                            : floats(previous.get(name));
            Shape shape = TinyModel.shape(factor);
            writer.floats(factor.name(), shape, values);
        }
        Path parent = folder.resolve("parent.safetensors");
        writer.write(parent);
        new RoundCombiner(MaskedMean.sequential())
                .combine(
                        layout,
                        parent,
                        brought,
                        AggregationRule.of(specification, layout),
                        folder.resolve("result.safetensors"));
    }

    void assertFactor(String name, JsonNode expected) throws IOException {
        assertThat(result(name)).as(name).containsExactly(floats(expected));
    }

    float[] result(String name) throws IOException {
        try (SafetensorsFile result = SafetensorsFile.open(folder.resolve("result.safetensors"))) {
            return result.floats(factor(name).name());
        }
    }

    private static float[] floats(JsonNode matrix) {
        List<Float> values = new ArrayList<>();
        matrix.forEach(row -> row.forEach(value -> values.add((float) value.asDouble())));
        float[] array = new float[values.size()];
        for (int i = 0; i < array.length; i++) {
            array[i] = values.get(i);
        }
        return array;
    }
}
