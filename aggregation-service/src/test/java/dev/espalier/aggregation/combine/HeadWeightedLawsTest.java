package dev.espalier.aggregation.combine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.espalier.aggregation.AttentionModel;
import dev.espalier.aggregation.TinyModel;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.job.AggregationSpec;
import dev.espalier.protocol.job.AggregationSpec.HeadWeighted.Weighting;
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
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.DoubleSupplier;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Random rounds on models of every form, against sums that are written out here once more. */
class HeadWeightedLawsTest {

    private static final int RANK = 3;
    private static final List<AttentionModel> MODELS =
            List.of(
                    new AttentionModel(2, 4, 4, 2, 5, 6, false),
                    new AttentionModel(2, 4, 2, 2, 5, 6, false),
                    new AttentionModel(2, 6, 1, 1, 5, 6, false),
                    new AttentionModel(2, 3, 3, 2, 5, 6, true));

    @TempDir Path folder;

    /** What one client brought, with the values that it did not send still in their places. */
    private record Client(
            AgentName agent,
            long examples,
            Scope scope,
            Map<String, List<Double>> confidence,
            Map<String, float[]> values) {

        KeptHeads heads() {
            return KeptHeads.of(scope.heads(), confidence);
        }

        double confidence(String block, int head) {
            return confidence.get(block).get(scope.heads().get(block).indexOf(head));
        }
    }

    private record Round(
            AttentionModel model,
            AdapterLayout layout,
            Map<String, float[]> previous,
            List<Client> clients) {}

    static LongStream seeds() {
        return LongStream.range(0, 60);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void everyElementIsTheWeightedMeanOverThoseWhoSentIt(long seed) throws IOException {
        Random any = new Random(seed);
        Weighting weighting = Weighting.values()[(int) (seed % 3)];
        Round round = round(any, seed % 2 == 0, any::nextDouble);

        Map<String, float[]> combined = combined(round, headWeighted(weighting, round));

        for (AdapterTensor tensor : round.layout().tensors()) {
            float[] result = combined.get(tensor.name());
            for (int i = 0; i < result.length; i++) {
                double expected = directly(round, tensor, i, weighting);
                assertThat((double) result[i])
                        .as("%s[%d]", tensor.name(), i)
                        .isCloseTo(expected, within(1e-6));
            }
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void whatNobodySentKeepsEveryBitOfItsParent(long seed) throws IOException {
        Round round = round(new Random(seed), seed % 2 == 0, () -> 0.5);
        int untouched = 0;

        for (AggregationRule rule :
                List.of(headWeighted(Weighting.N_TIMES_CONF, round), fedAvg(round))) {
            Map<String, float[]> combined = combined(round, rule);
            for (AdapterTensor tensor : round.layout().tensors()) {
                for (int i = 0; i < tensor.elements(); i++) {
                    if (senders(round, tensor, i).isEmpty()) {
                        untouched++;
                        assertThat(Float.floatToRawIntBits(combined.get(tensor.name())[i]))
                                .isEqualTo(
                                        Float.floatToRawIntBits(
                                                round.previous().get(tensor.name())[i]));
                    }
                }
            }
        }
        assertThat(untouched).as("the round leaves something untouched").isPositive();
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void equalConfidencesGiveTheMeanOfFederatedAveraging(long seed) throws IOException {
        Round round = round(new Random(seed), seed % 2 == 0, () -> 0.25);

        assertThat(bytes(round, headWeighted(Weighting.N_TIMES_CONF, round)))
                .isEqualTo(bytes(round, fedAvg(round)));
        assertThat(bytes(round, headWeighted(Weighting.N, round)))
                .isEqualTo(bytes(round, fedAvg(round)));
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void neitherArrivalNorThreadsChangeAByte(long seed) throws IOException {
        Random any = new Random(seed);
        Round round = round(any, seed % 2 == 0, any::nextDouble);
        AggregationRule rule = headWeighted(Weighting.N_TIMES_CONF, round);
        byte[] expected = bytes(round, rule);
        List<Brought> shuffled = new ArrayList<>(write(round));
        Collections.shuffle(shuffled, any);

        try (ExecutorService threads = Executors.newFixedThreadPool(3)) {
            assertThat(bytes(round, shuffled, rule, new MaskedMean(threads, 3)))
                    .isEqualTo(expected);
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void oneClientAloneComesOutAsItWentIn(long seed) throws IOException {
        Random any = new Random(seed);
        Round many = round(any, seed % 2 == 0, any::nextDouble);
        Client alone = many.clients().getFirst();
        Round round = new Round(many.model(), many.layout(), many.previous(), List.of(alone));

        Map<String, float[]> combined = combined(round, headWeighted(Weighting.CONF, round));

        for (AdapterTensor tensor : round.layout().tensors()) {
            for (int i = 0; i < tensor.elements(); i++) {
                float[] from =
                        senders(round, tensor, i).isEmpty()
                                ? round.previous().get(tensor.name())
                                : alone.values().get(tensor.name());
                assertThat(Float.floatToRawIntBits(combined.get(tensor.name())[i]))
                        .isEqualTo(Float.floatToRawIntBits(from[i]));
            }
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void nobodyBuysInfluenceBeyondOneNorBelowZero(long seed) throws IOException {
        Round greedy = round(new Random(seed), false, outside(seed, 1000, -1000, 1e-300));
        Round held = round(new Random(seed), false, outside(seed, 1, 0, 0));

        for (Weighting weighting : Weighting.values()) {
            assertThat(bytes(greedy, headWeighted(weighting, greedy)))
                    .isEqualTo(bytes(held, headWeighted(weighting, held)));
        }
    }

    @Test
    void contributorsWithoutAnyConfidenceCountAlike() throws IOException {
        Round round = round(new Random(3), false, () -> 0.0);
        Map<String, float[]> combined =
                combined(round, headWeighted(Weighting.N_TIMES_CONF, round));

        for (AdapterTensor tensor : round.layout().tensors()) {
            if (round.layout().headAxis(tensor).isPresent()) {
                for (int i = 0; i < tensor.elements(); i++) {
                    int at = i;
                    senders(round, tensor, i).stream()
                            .mapToDouble(client -> client.values().get(tensor.name())[at])
                            .average()
                            .ifPresent(mean ->
                                    assertThat(combined.get(tensor.name())[at])
                                            .isEqualTo((float) mean));
                }
            }
        }
    }

    @Test
    void theCensusCountsWhoKeptEachHeadAndHowSureTheyWere() {
        AttentionModel model = new AttentionModel(2, 2, 2, 1, 2, 2, false);
        String first = AttentionModel.block(0);
        String second = AttentionModel.block(1);
        KeptHeads ada =
                KeptHeads.of(
                        Map.of(first, List.of(0, 1), second, List.of()),
                        Map.of(first, List.of(0.5, 7.0), second, List.of()));
        KeptHeads bob =
                KeptHeads.of(
                        Map.of(first, List.of(0), second, List.of(1)),
                        Map.of(first, List.of(0.25), second, List.of(-3.0)));

        var census = HeadCensus.of(model.structure(), List.of(ada, bob));

        assertThat(census).extracting(block -> block.block()).containsExactly(first, second);
        assertThat(census.get(0).contributors()).containsExactly(2, 1);
        assertThat(census.get(0).confidence()).containsExactly(0.375, 1.0);
        assertThat(census.get(1).contributors()).containsExactly(0, 1);
        assertThat(census.get(1).confidence()).containsExactly(0.0, 0.0);
    }

    /** The law of algorithms.md A.3 step 7, for one element, with no help from the layout. */
    private static double directly(Round round, AdapterTensor tensor, int at, Weighting weighting) {
        List<Client> senders = senders(round, tensor, at);
        double sum = 0;
        double total = 0;
        for (Client client : senders) {
            double weight = weight(round.model(), tensor, at, client, weighting);
            sum += weight * client.values().get(tensor.name())[at];
            total += weight;
        }
        return senders.isEmpty() ? round.previous().get(tensor.name())[at] : sum / total;
    }

    private static double weight(
            AttentionModel model, AdapterTensor tensor, int at, Client client, Weighting by) {
        int row = at / tensor.shape().get(1);
        int column = at % tensor.shape().get(1);
        boolean isA = tensor.kind() == AdapterTensor.Kind.LORA_A;
        boolean isOutput = tensor.module().endsWith(".out");
        if (isA != isOutput) {
            return client.examples();
        }
        int size = model.headSize();
        List<Integer> heads;
        if (isOutput) {
            heads = List.of(column / size);
        } else if (model.fused()) {
            heads = List.of(row % (model.heads() * size) / size);
        } else if (tensor.module().endsWith(".query")) {
            heads = List.of(row / size);
        } else {
            int each = model.heads() / model.keyValueHeads();
            int group = row / size;
            heads = IntStream.range(group * each, (group + 1) * each).boxed().toList();
        }
        String block = tensor.module().substring(0, tensor.module().lastIndexOf('.'));
        double confidence =
                heads.stream()
                        .filter(client.scope().heads().get(block)::contains)
                        .mapToDouble(head -> client.confidence(block, head))
                        .average()
                        .orElseThrow();
        return switch (by) {
            case N_TIMES_CONF -> client.examples() * confidence;
            case CONF -> confidence;
            case N -> client.examples();
        };
    }

    private static List<Client> senders(Round round, AdapterTensor tensor, int at) {
        int row = at / tensor.shape().get(1);
        int column = at % tensor.shape().get(1);
        return round.clients().stream()
                .filter(client -> {
                    AdapterLayout.Part part = round.layout().part(tensor, client.scope());
                    return (part.rows() == null || part.rows().contains(row))
                            && (part.columns() == null || part.columns().contains(column));
                })
                .toList();
    }

    /** Confidences that ignore what is allowed, the same places for the same seed. */
    private static DoubleSupplier outside(long seed, double above, double below, double tiny) {
        Random any = new Random(seed);
        return () ->
                switch (any.nextInt(4)) {
                    case 0 -> above;
                    case 1 -> below;
                    case 2 -> tiny;
                    default -> any.nextDouble();
                };
    }

    private static AggregationRule headWeighted(Weighting weighting, Round round) {
        return AggregationRule.of(
                new AggregationSpec.HeadWeighted(weighting, null), round.layout());
    }

    private static AggregationRule fedAvg(Round round) {
        return AggregationRule.of(new AggregationSpec.FedAvg(null), round.layout());
    }

    /**
     * The last head of the last block is left to nobody.
     *
     * @param composed whether clients train some rank-1 components only
     */
    private static Round round(Random any, boolean composed, DoubleSupplier confidence) {
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
        return new Round(model, layout, values(layout, any), clients);
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

    private List<Brought> write(Round round) throws IOException {
        List<Brought> brought = new ArrayList<>();
        for (Client client : round.clients()) {
            List<MaskedTensor> tensors = new ArrayList<>();
            for (AdapterTensor tensor : round.layout().tensors()) {
                AdapterLayout.Part part = round.layout().part(tensor, client.scope());
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

    private byte[] bytes(Round round, AggregationRule rule) throws IOException {
        return bytes(round, write(round), rule, MaskedMean.sequential());
    }

    private byte[] bytes(Round round, List<Brought> brought, AggregationRule rule, MaskedMean mean)
            throws IOException {
        Path parent = folder.resolve("parent.safetensors");
        SafetensorsWriter writer = new SafetensorsWriter();
        for (AdapterTensor tensor : round.layout().tensors()) {
            writer.floats(
                    tensor.name(), TinyModel.shape(tensor), round.previous().get(tensor.name()));
        }
        writer.write(parent);
        Path result = folder.resolve("result.safetensors");
        new RoundCombiner(mean).combine(round.layout(), parent, brought, rule, result);
        return Files.readAllBytes(result);
    }

    private Map<String, float[]> combined(Round round, AggregationRule rule) throws IOException {
        bytes(round, rule);
        Map<String, float[]> tensors = new TreeMap<>();
        try (SafetensorsFile result = SafetensorsFile.open(folder.resolve("result.safetensors"))) {
            result.names().forEach(name -> tensors.put(name, result.floats(name)));
        }
        return tensors;
    }
}
