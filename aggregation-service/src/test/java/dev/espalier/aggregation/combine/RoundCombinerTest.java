package dev.espalier.aggregation.combine;

import static dev.espalier.aggregation.TinyModel.BLOCK;
import static dev.espalier.aggregation.TinyModel.NEXT_BLOCK;
import static dev.espalier.aggregation.TinyModel.manifest;
import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.aggregation.TinyModel;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.job.AggregationSpec;
import dev.espalier.protocol.update.Scope;
import dev.espalier.tensors.combine.MaskedMean;
import dev.espalier.tensors.safetensors.SafetensorsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RoundCombinerTest {

    private static final String QUERY_B = "base_model.model." + TinyModel.QUERY + ".lora_B.weight";
    private static final AggregationRule FED_AVG =
            AggregationRule.of(new AggregationSpec.FedAvg(null), TinyModel.layout());
    private static final List<Scope> SCOPES =
            List.of(
                    Scope.whole(),
                    TinyModel.heads(List.of(1), List.of(0, 1)),
                    TinyModel.heads(List.of(), List.of(0)),
                    new Scope(
                            Map.of(BLOCK, List.of(0), NEXT_BLOCK, List.of()),
                            Map.of(TinyModel.QUERY, List.of(1))));

    @TempDir Path folder;

    private Path parent;

    @BeforeEach
    void parent() throws IOException {
        parent = TinyModel.adapter(folder.resolve("parent.safetensors"), 1);
    }

    @Test
    void eachClientWeighsAsMuchAsItHasExamples() throws IOException {
        Brought ada = brought("ada", Scope.whole(), 30, 2);
        Brought bob = brought("bob", Scope.whole(), 10, 3);

        float[] mean = combined(List.of(ada, bob)).get(QUERY_B);

        float[] a = floats(ada.file(), QUERY_B);
        float[] b = floats(bob.file(), QUERY_B);
        for (int i = 0; i < mean.length; i++) {
            assertThat(mean[i]).isEqualTo((float) ((30.0 * a[i] + 10.0 * b[i]) / 40));
        }
    }

    @Test
    void whatNobodyTrainedKeepsItsValue() throws IOException {
        Scope secondHead = TinyModel.heads(List.of(1), List.of());

        float[] mean = combined(List.of(brought("ada", secondHead, 30, 2))).get(QUERY_B);

        float[] before = floats(parent, QUERY_B);
        int firstOfSecondHead = 4 * 2;
        for (int i = 0; i < firstOfSecondHead; i++) {
            assertThat(mean[i]).isEqualTo(before[i]);
        }
        assertThat(mean[firstOfSecondHead]).isNotEqualTo(before[firstOfSecondHead]);
    }

    @Test
    void oneClientAloneComesOutAsItWentIn() throws IOException {
        Brought ada = brought("ada", Scope.whole(), 30, 2);

        combined(List.of(ada))
                .forEach((name, values) -> assertThat(values).isEqualTo(floats(ada.file(), name)));
    }

    @Test
    void aClientWithoutExamplesCountsForNothing() throws IOException {
        Brought ada = brought("ada", Scope.whole(), 30, 2);
        Brought none =
                new Brought(
                        new AgentName("bob"), 0, null, brought("bob", Scope.whole(), 1, 3).file());

        assertThat(bytes(List.of(ada, none), MaskedMean.sequential()))
                .isEqualTo(bytes(List.of(ada), MaskedMean.sequential()));
    }

    static LongStream seeds() {
        return LongStream.range(0, 25);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void neitherArrivalNorThreadsNorRepetitionChangeAByte(long seed) throws IOException {
        Random any = new Random(seed);
        List<Brought> updates = new ArrayList<>();
        for (int k = 0; k < 1 + any.nextInt(5); k++) {
            Scope scope = SCOPES.get(any.nextInt(SCOPES.size()));
            updates.add(brought("agent-" + k, scope, 1 + any.nextInt(1000), seed * 10 + k));
        }
        byte[] expected = bytes(updates, MaskedMean.sequential());
        Collections.shuffle(updates, any);

        try (ExecutorService threads = Executors.newFixedThreadPool(3)) {
            assertThat(bytes(updates, new MaskedMean(threads, 3))).isEqualTo(expected);
        }
    }

    private Brought brought(String agent, Scope scope, long examples, long seed)
            throws IOException {
        AgentName name = new AgentName(agent);
        Path file = folder.resolve(agent + ".safetensors");
        TinyModel.update(file, parent, manifest(name, scope, examples), seed);
        return new Brought(name, examples, null, file);
    }

    private byte[] bytes(List<Brought> updates, MaskedMean mean) throws IOException {
        Path result = folder.resolve("result.safetensors");
        new RoundCombiner(mean).combine(TinyModel.layout(), parent, updates, FED_AVG, result);
        return Files.readAllBytes(result);
    }

    private Map<String, float[]> combined(List<Brought> updates) throws IOException {
        bytes(updates, MaskedMean.sequential());
        Map<String, float[]> tensors = new java.util.TreeMap<>();
        try (SafetensorsFile result = SafetensorsFile.open(folder.resolve("result.safetensors"))) {
            result.names().forEach(name -> tensors.put(name, result.floats(name)));
        }
        return tensors;
    }

    private static float[] floats(Path file, String name) {
        try (SafetensorsFile opened = SafetensorsFile.open(file)) {
            return opened.floats(name);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
