package dev.espalier.aggregation.combine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.espalier.aggregation.combine.RandomRound.Client;
import dev.espalier.protocol.job.AggregationSpec;
import dev.espalier.protocol.job.AggregationSpec.RankAdaptive;
import dev.espalier.protocol.job.AggregationSpec.ZeroPadding;
import dev.espalier.protocol.job.AggregationSpec.ZeroPadding.Space;
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
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random rounds in which clients train different components, with and without pruned heads, against
 * sums that are written out here once more.
 */
class RankLawsTest {

    private static final AggregationSpec FED_AVG = new AggregationSpec.FedAvg(null);

    @TempDir Path folder;

    static LongStream seeds() {
        return LongStream.range(0, 40);
    }

    private static List<AggregationSpec> rules() {
        List<AggregationSpec> rules = new ArrayList<>();
        for (RankAdaptive.Weighting weighting : RankAdaptive.Weighting.values()) {
            rules.add(new RankAdaptive(weighting, null));
        }
        for (ZeroPadding.Weighting weighting : ZeroPadding.Weighting.values()) {
            rules.add(new ZeroPadding(Space.PARAMETER, weighting, null));
            rules.add(new ZeroPadding(Space.DELTA, weighting, null));
        }
        return rules;
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void everyElementIsTheMeanThatTheRuleSays(long seed) throws IOException {
        RandomRound round = round(seed);

        for (AggregationSpec rule : rules()) {
            Map<String, float[]> combined = round.combined(folder, of(rule, round));
            for (AdapterTensor tensor : round.layout().tensors()) {
                for (int i = 0; i < tensor.elements(); i++) {
                    assertThat((double) combined.get(tensor.name())[i])
                            .as("%s: %s[%d]", rule, tensor.name(), i)
                            .isCloseTo(directly(rule, round, tensor, i), within(1e-6));
                }
            }
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void equalRanksAreFederatedAveragingByteForByte(long seed) throws IOException {
        RandomRound whole = round(seed).whole();
        RandomRound named = whole.wholeByName();
        byte[] expected = whole.bytes(folder, of(FED_AVG, whole));

        for (AggregationSpec rule :
                List.of(
                        new RankAdaptive(RankAdaptive.Weighting.N, null),
                        new ZeroPadding(Space.PARAMETER, ZeroPadding.Weighting.N, null),
                        new ZeroPadding(Space.DELTA, ZeroPadding.Weighting.N, null))) {
            assertThat(whole.bytes(folder, of(rule, whole))).as("%s", rule).isEqualTo(expected);
            assertThat(named.bytes(folder, of(rule, named))).as("%s", rule).isEqualTo(expected);
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void whatNobodySentKeepsEveryBitUnlessItIsPaddedWithZeros(long seed) throws IOException {
        RandomRound round = round(seed);

        for (AggregationSpec rule : rules()) {
            Map<String, float[]> combined = round.combined(folder, of(rule, round));
            for (AdapterTensor tensor : round.layout().tensors()) {
                for (int i = 0; i < tensor.elements(); i++) {
                    if (round.senders(tensor, i).isEmpty()) {
                        float expected = pad(rule, round, tensor, i);
                        assertThat(Float.floatToRawIntBits(combined.get(tensor.name())[i]))
                                .isEqualTo(Float.floatToRawIntBits(expected));
                    }
                }
            }
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void neitherArrivalNorThreadsChangeAByte(long seed) throws IOException {
        RandomRound round = round(seed);
        List<Brought> shuffled = new ArrayList<>(round.write(folder));
        Collections.shuffle(shuffled, new Random(seed));

        try (ExecutorService threads = Executors.newFixedThreadPool(3)) {
            for (AggregationSpec rule : rules()) {
                byte[] expected = round.bytes(folder, of(rule, round));
                assertThat(
                                round.bytes(
                                        folder,
                                        shuffled,
                                        of(rule, round),
                                        new MaskedMean(threads, 3)))
                        .isEqualTo(expected);
            }
        }
    }

    @Test
    void roundsLeaveSomethingUntouched() {
        long untouched =
                seeds().mapToObj(RankLawsTest::round)
                        .filter(round ->
                                round.layout().tensors().stream()
                                        .anyMatch(tensor -> round.senders(tensor, 0).isEmpty()))
                        .count();

        assertThat(untouched).isPositive();
    }

    @Test
    void whatIsNoMeanIsNotTakenForOne() {
        RandomRound round = round(1);

        for (AggregationSpec rule :
                List.of(
                        new AggregationSpec.Stacking(null),
                        new AggregationSpec.RankOptimal(null))) {
            assertThatIllegalArgumentException().isThrownBy(() -> of(rule, round));
        }
    }

    /** Heads are pruned too in every second one. */
    private static RandomRound round(long seed) {
        RandomRound round = RandomRound.of(new Random(seed), true, () -> 0.5);
        return seed % 2 == 0 ? round : round.withoutHeads();
    }

    private static AggregationRule of(AggregationSpec rule, RandomRound round) {
        return AggregationRule.of(rule, round.layout());
    }

    /** algorithms.md B.4, for one element. */
    private static double directly(
            AggregationSpec rule, RandomRound round, AdapterTensor tensor, int at) {
        List<Client> senders = round.senders(tensor, at);
        boolean padded = rule instanceof ZeroPadding;
        double sum = 0;
        double total = 0;
        for (Client client : padded ? round.clients() : senders) {
            double weight = weight(rule, round, tensor, client);
            float value =
                    senders.contains(client)
                            ? client.values().get(tensor.name())[at]
                            : pad(rule, round, tensor, at);
            sum += weight * value;
            total += weight;
        }
        if (total > 0) {
            return sum / total;
        }
        return padded
                ? uniform(round, tensor, at, senders, pad(rule, round, tensor, at))
                : round.previous().get(tensor.name())[at];
    }

    /** Where all weigh nothing, all count alike. */
    private static double uniform(
            RandomRound round, AdapterTensor tensor, int at, List<Client> senders, float pad) {
        return round.clients().stream()
                .mapToDouble(client ->
                        senders.contains(client) ? client.values().get(tensor.name())[at] : pad)
                .average()
                .orElseThrow();
    }

    private static float pad(
            AggregationSpec rule, RandomRound round, AdapterTensor tensor, int at) {
        boolean zero = rule instanceof ZeroPadding padding && padding.space() == Space.PARAMETER;
        return zero ? 0 : round.previous().get(tensor.name())[at];
    }

    private static double weight(
            AggregationSpec rule, RandomRound round, AdapterTensor tensor, Client client) {
        return switch (rule) {
            case RankAdaptive adaptive ->
                    switch (adaptive.weighting()) {
                        case N -> client.examples();
                        case UNIFORM -> 1;
                    };
            case ZeroPadding padding ->
                    switch (padding.weighting()) {
                        case N -> client.examples();
                        case UNIFORM -> 1;
                        case NORM -> norm(round, tensor.module(), client);
                    };
            default -> throw new IllegalArgumentException("not a rule of this test");
        };
    }

    /** The product itself, element by element. */
    private static double norm(RandomRound round, String module, Client client) {
        AdapterTensor a = factor(round, module, "A");
        AdapterTensor b = factor(round, module, "B");
        int in = a.shape().get(1);
        double squared = 0;
        for (int o = 0; o < b.shape().get(0); o++) {
            for (int c = 0; c < in; c++) {
                double product = 0;
                for (int i = 0; i < RandomRound.RANK; i++) {
                    product +=
                            sent(round, b, o * RandomRound.RANK + i, client)
                                    * sent(round, a, i * in + c, client);
                }
                squared += product * product;
            }
        }
        return Math.sqrt(squared);
    }

    private static AdapterTensor factor(RandomRound round, String module, String factor) {
        return round.layout().tensors().stream()
                .filter(tensor ->
                        tensor.module().equals(module)
                                && tensor.name().endsWith("lora_" + factor + ".weight"))
                .findFirst()
                .orElseThrow();
    }

    private static double sent(RandomRound round, AdapterTensor tensor, int at, Client client) {
        return round.senders(tensor, at).contains(client)
                ? client.values().get(tensor.name())[at]
                : 0;
    }
}
