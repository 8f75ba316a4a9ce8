package dev.espalier.aggregation.combine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.espalier.aggregation.AttentionModel;
import dev.espalier.aggregation.combine.RandomRound.Client;
import dev.espalier.protocol.job.AggregationSpec;
import dev.espalier.protocol.job.AggregationSpec.HeadWeighted.Weighting;
import dev.espalier.protocol.update.AdapterTensor;
import dev.espalier.tensors.combine.MaskedMean;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
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

    @TempDir Path folder;

    static LongStream seeds() {
        return LongStream.range(0, 60);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void everyElementIsTheWeightedMeanOverThoseWhoSentIt(long seed) throws IOException {
        Random any = new Random(seed);
        Weighting weighting = Weighting.values()[(int) (seed % 3)];
        RandomRound round = RandomRound.of(any, seed % 2 == 0, any::nextDouble);

        Map<String, float[]> combined = round.combined(folder, headWeighted(weighting, round));

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
        RandomRound round = RandomRound.of(new Random(seed), seed % 2 == 0, () -> 0.5);
        int untouched = 0;

        for (AggregationRule rule :
                List.of(headWeighted(Weighting.N_TIMES_CONF, round), fedAvg(round))) {
            Map<String, float[]> combined = round.combined(folder, rule);
            for (AdapterTensor tensor : round.layout().tensors()) {
                for (int i = 0; i < tensor.elements(); i++) {
                    if (round.senders(tensor, i).isEmpty()) {
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
        RandomRound round = RandomRound.of(new Random(seed), seed % 2 == 0, () -> 0.25);

        assertThat(round.bytes(folder, headWeighted(Weighting.N_TIMES_CONF, round)))
                .isEqualTo(round.bytes(folder, fedAvg(round)));
        assertThat(round.bytes(folder, headWeighted(Weighting.N, round)))
                .isEqualTo(round.bytes(folder, fedAvg(round)));
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void neitherArrivalNorThreadsChangeAByte(long seed) throws IOException {
        Random any = new Random(seed);
        RandomRound round = RandomRound.of(any, seed % 2 == 0, any::nextDouble);
        AggregationRule rule = headWeighted(Weighting.N_TIMES_CONF, round);
        byte[] expected = round.bytes(folder, rule);
        List<Brought> shuffled = new ArrayList<>(round.write(folder));
        Collections.shuffle(shuffled, any);

        try (ExecutorService threads = Executors.newFixedThreadPool(3)) {
            assertThat(round.bytes(folder, shuffled, rule, new MaskedMean(threads, 3)))
                    .isEqualTo(expected);
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void oneClientAloneComesOutAsItWentIn(long seed) throws IOException {
        Random any = new Random(seed);
        RandomRound many = RandomRound.of(any, seed % 2 == 0, any::nextDouble);
        Client alone = many.clients().getFirst();
        RandomRound round =
                new RandomRound(many.model(), many.layout(), many.previous(), List.of(alone));

        Map<String, float[]> combined = round.combined(folder, headWeighted(Weighting.CONF, round));

        for (AdapterTensor tensor : round.layout().tensors()) {
            for (int i = 0; i < tensor.elements(); i++) {
                float[] from =
                        round.senders(tensor, i).isEmpty()
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
        RandomRound greedy =
                RandomRound.of(new Random(seed), false, outside(seed, 1000, -1000, 1e-300));
        RandomRound held = RandomRound.of(new Random(seed), false, outside(seed, 1, 0, 0));

        for (Weighting weighting : Weighting.values()) {
            assertThat(greedy.bytes(folder, headWeighted(weighting, greedy)))
                    .isEqualTo(held.bytes(folder, headWeighted(weighting, held)));
        }
    }

    @Test
    void contributorsWithoutAnyConfidenceCountAlike() throws IOException {
        RandomRound round = RandomRound.of(new Random(3), false, () -> 0.0);
        Map<String, float[]> combined =
                round.combined(folder, headWeighted(Weighting.N_TIMES_CONF, round));

        for (AdapterTensor tensor : round.layout().tensors()) {
            if (round.layout().headAxis(tensor).isPresent()) {
                for (int i = 0; i < tensor.elements(); i++) {
                    int at = i;
                    round.senders(tensor, i).stream()
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
    private static double directly(
            RandomRound round, AdapterTensor tensor, int at, Weighting weighting) {
        List<Client> senders = round.senders(tensor, at);
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

    private static AggregationRule headWeighted(Weighting weighting, RandomRound round) {
        return AggregationRule.of(
                new AggregationSpec.HeadWeighted(weighting, null), round.layout());
    }

    private static AggregationRule fedAvg(RandomRound round) {
        return AggregationRule.of(new AggregationSpec.FedAvg(null), round.layout());
    }
}
