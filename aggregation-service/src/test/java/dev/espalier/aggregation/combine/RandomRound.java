package dev.espalier.aggregation.combine;

import dev.espalier.aggregation.AttentionModel;
import dev.espalier.aggregation.TinyModel;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.update.AdapterLayout;
import dev.espalier.protocol.update.AdapterTensor;
import dev.espalier.protocol.update.Scope;
import dev.espalier.tensors.DType;
import dev.espalier.tensors.combine.MaskedMean;
import dev.espalier.tensors.masked.MaskedTensor;
import dev.espalier.tensors.masked.UpdateFile;
import dev.espalier.tensors.safetensors.SafetensorsFile;
import dev.espalier.tensors.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.DoubleSupplier;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A round on a model of any form, its clients and what they brought. */
record RandomRound(
        AttentionModel model,
        AdapterLayout layout,
        Map<String, float[]> previous,
        List<Client> clients) {

    static final int RANK = 3;
    private static final List<AttentionModel> MODELS =
            List.of(
                    new AttentionModel(2, 4, 4, 2, 5, 6, false),
                    new AttentionModel(2, 4, 2, 2, 5, 6, false),
                    new AttentionModel(2, 6, 1, 1, 5, 6, false),
                    new AttentionModel(2, 3, 3, 2, 5, 6, true));

    /** What one client brought, with the values that it did not send still in their places. */
    record Client(
            AgentName agent,
            long examples,
            Scope scope,
            Map<String, List<Double>> confidence,
            Map<String, float[]> values) {

        @Nullable KeptHeads heads() {
            return scope.heads() == null ? null : KeptHeads.of(scope.heads(), confidence);
        }

        double confidence(String block, int head) {
            return confidence.get(block).get(scope.heads().get(block).indexOf(head));
        }
    }

    /**
     * The last head of the last block is left to nobody.
     *
     * @param composed whether clients train some rank-1 components only
     */
    static RandomRound of(Random any, boolean composed, DoubleSupplier confidence) {
        AttentionModel model = MODELS.get(any.nextInt(MODELS.size()));
        String[] targets =
                model.fused()
                        ? new String[] {"c_attn", "out"}
                        : new String[] {"query", "key", "value", "out"};
        AdapterLayout layout = model.layout(RANK, targets);
        List<Client> clients = new ArrayList<>();
        int count = 1 + any.nextInt(5);
        for (int k = 0; k < count; k++) {
            clients.add(client("agent-" + k, model, layout, composed, confidence, any));
        }
        return new RandomRound(model, layout, values(layout, any), clients);
    }

    /** The same where no heads are pruned. */
    RandomRound withoutHeads() {
        return with(client -> new Scope(null, client.scope().components()));
    }

    /** The same where everybody trains everything. */
    RandomRound whole() {
        return with(client -> Scope.whole());
    }

    /** The same where everybody trains everything, and names every component. */
    RandomRound wholeByName() {
        Map<String, List<Integer>> all = new TreeMap<>();
        layout.tensors().forEach(tensor -> all.put(tensor.module(), List.of(0, 1, 2)));
        return with(client -> new Scope(null, all));
    }

    private RandomRound with(Function<Client, Scope> scope) {
        List<Client> changed =
                clients.stream()
                        .map(one ->
                                new Client(
                                        one.agent(),
                                        one.examples(),
                                        scope.apply(one),
                                        one.confidence(),
                                        one.values()))
                        .toList();
        return new RandomRound(model, layout, previous, changed);
    }

    private static Client client(
            String name,
            AttentionModel model,
            AdapterLayout layout,
            boolean composed,
            DoubleSupplier confidence,
            Random any) {
        Map<String, List<Integer>> heads = new TreeMap<>();
        Map<String, List<Double>> said = new TreeMap<>();
        for (String block : model.blockNames()) {
            boolean last = block.equals(model.blockNames().getLast());
            // where heads share keys and values, all of one group are left out with the last
            int open = last ? model.heads() - model.heads() / model.keyValueHeads() : model.heads();
            List<Integer> kept = some(open, any);
            heads.put(block, kept);
            said.put(block, kept.stream().map(head -> confidence.getAsDouble()).toList());
        }
        Map<String, List<Integer>> components = new TreeMap<>();
        for (AdapterTensor tensor : layout.tensors()) {
            List<Integer> trained = some(RANK, any);
            components.putIfAbsent(
                    tensor.module(), trained.isEmpty() ? List.of(any.nextInt(RANK)) : trained);
        }
        return new Client(
                new AgentName(name),
                1 + any.nextInt(100),
                new Scope(heads, composed ? components : null),
                said,
                values(layout, any));
    }

    private static List<Integer> some(int of, Random any) {
        return IntStream.range(0, of).filter(index -> any.nextBoolean()).boxed().toList();
    }

    private static Map<String, float[]> values(AdapterLayout layout, Random any) {
        Map<String, float[]> values = new HashMap<>();
        for (AdapterTensor tensor : layout.tensors()) {
            float[] some = new float[(int) tensor.elements()];
            for (int i = 0; i < some.length; i++) {
                some[i] = any.nextInt(20) == 0 ? -0.0f : (float) any.nextGaussian();
            }
            values.put(tensor.name(), some);
        }
        return values;
    }

    List<Client> senders(AdapterTensor tensor, int at) {
        int row = at / tensor.shape().get(1);
        int column = at % tensor.shape().get(1);
        return clients.stream()
                .filter(client -> {
                    AdapterLayout.Part part = layout.part(tensor, client.scope());
                    return (part.rows() == null || part.rows().contains(row))
                            && (part.columns() == null || part.columns().contains(column));
                })
                .toList();
    }

    List<Brought> write(Path folder) throws IOException {
        List<Brought> brought = new ArrayList<>();
        for (Client client : clients) {
            List<MaskedTensor> tensors = new ArrayList<>();
            for (AdapterTensor tensor : layout.tensors()) {
                AdapterLayout.Part part = layout.part(tensor, client.scope());
                if (!part.isEmpty()) {
                    tensors.add(TinyModel.part(tensor, part, client.values().get(tensor.name())));
                }
            }
            Path file = folder.resolve(client.agent() + ".safetensors");
            UpdateFile.write(file, Map.of(), tensors, DType.F32);
            brought.add(new Brought(client.agent(), client.examples(), client.heads(), file));
        }
        return brought;
    }

    byte[] bytes(Path folder, AggregationRule rule) throws IOException {
        return bytes(folder, write(folder), rule, MaskedMean.sequential());
    }

    byte[] bytes(Path folder, List<Brought> brought, AggregationRule rule, MaskedMean mean)
            throws IOException {
        Path parent = folder.resolve("parent.safetensors");
        SafetensorsWriter writer = new SafetensorsWriter();
        for (AdapterTensor tensor : layout.tensors()) {
            writer.floats(tensor.name(), TinyModel.shape(tensor), previous.get(tensor.name()));
        }
        writer.write(parent);
        Path result = folder.resolve("result.safetensors");
        new RoundCombiner(mean).combine(layout, parent, brought, rule, result);
        return Files.readAllBytes(result);
    }

    Map<String, float[]> combined(Path folder, AggregationRule rule) throws IOException {
        bytes(folder, rule);
        Map<String, float[]> tensors = new TreeMap<>();
        try (SafetensorsFile result = SafetensorsFile.open(folder.resolve("result.safetensors"))) {
            result.names().forEach(name -> tensors.put(name, result.floats(name)));
        }
        return tensors;
    }
}
