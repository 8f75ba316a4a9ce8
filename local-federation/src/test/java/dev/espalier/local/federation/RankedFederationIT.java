package dev.espalier.local.federation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.espalier.lm.adapter.AdapterKey;
import dev.espalier.protocol.Digest;
import dev.espalier.protocol.ModelName;
import dev.espalier.protocol.ModelPointer;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.job.AdapterSpec;
import dev.espalier.protocol.job.AggregationSpec;
import dev.espalier.protocol.job.ComponentMap;
import dev.espalier.protocol.job.EvaluationSpec;
import dev.espalier.protocol.job.JobSpecification;
import dev.espalier.protocol.job.JobState;
import dev.espalier.protocol.job.JobView;
import dev.espalier.protocol.job.PhaseSpec;
import dev.espalier.protocol.job.QuantisationSpec;
import dev.espalier.protocol.job.RankAllotment;
import dev.espalier.protocol.job.RankAllotment.Tier;
import dev.espalier.protocol.job.RankSpec;
import dev.espalier.protocol.job.RankSpec.Variant;
import dev.espalier.protocol.job.RoundView;
import dev.espalier.protocol.job.TaskSpec;
import dev.espalier.protocol.job.TrainingSpec;
import dev.espalier.protocol.model.VersionFile;
import dev.espalier.tensors.safetensors.SafetensorsFile;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Jobs whose clients train different rank-1 components, over real HTTP and a real PostgreSQL. Ada
 * is strong, Bob is weak.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(600)
class RankedFederationIT {

    private static final int RANK = 4;
    private static final int ROUNDS = 3;

    private static final AggregationSpec AVERAGE = new AggregationSpec.FedAvg(null);
    private static final AggregationSpec BY_COMPONENT =
            new AggregationSpec.RankAdaptive(null, null);
    private static final AggregationSpec STACKED = new AggregationSpec.Stacking(null);

    private static final Tier STRONG = new Tier(RANK, null, TinyFederation.STRONG_UPLINK, null);

    @TempDir static Path folder;

    private TinyFederation undisturbed;
    private VersionRef base;

    @BeforeAll
    void startEverything() throws Exception {
        undisturbed = TinyFederation.ofMail(folder.resolve("undisturbed"), new InThisJvm());
        base = undisturbed.start();
    }

    @AfterAll
    void stopEverything() {
        undisturbed.close();
    }

    @Test
    void aComponentThatNobodyTrainsKeepsItsBitsFromVersionToVersion() throws Exception {
        JobView job = undisturbed.finished(job(ranks(Variant.FREEZING, rank(1)), BY_COMPONENT));

        ComponentMap map = undisturbed.orchestrator().componentMap(job.id());
        List<RoundView> rounds = undisturbed.orchestrator().rounds(job.id());
        assertThat(rounds).hasSize(ROUNDS);
        for (RoundView round : rounds) {
            Path before = adapter(round.parent());
            Path after = adapter(round.published());
            List<List<Integer>> contributors = map.rounds().get(round.number() - 1).contributors();
            for (int module = 0; module < map.modules().size(); module++) {
                String name = map.modules().get(module).name();
                assertThat(contributors.get(module).stream().mapToInt(Integer::intValue).sum())
                        .as("Ada and Bob train one component each")
                        .isEqualTo(2);
                for (int component = 0; component < RANK; component++) {
                    boolean trained = contributors.get(module).get(component) > 0;
                    assertThat(
                                    column(after, name, component)
                                            .equals(column(before, name, component)))
                            .as("%s, component %d, round %d", name, component, round.number())
                            .isEqualTo(!trained);
                    if (!trained) {
                        assertThat(row(after, name, component))
                                .isEqualTo(row(before, name, component));
                    }
                }
            }
        }
    }

    @Test
    void equalRanksGiveFederatedAveragingExactly() throws Exception {
        JobView averaged = undisturbed.finished(job(null, AVERAGE));
        JobView byComponent =
                undisturbed.finished(job(ranks(Variant.FREEZING, rank(RANK)), BY_COMPONENT));

        Path one = adapter(averaged.latest());
        Path other = adapter(byComponent.latest());
        try (SafetensorsFile a = SafetensorsFile.open(one);
                SafetensorsFile b = SafetensorsFile.open(other)) {
            assertThat(b.names()).isEqualTo(a.names()).isNotEmpty();
            for (String name : a.names()) {
                assertThat(b.floats(name)).as(name).isEqualTo(a.floats(name));
            }
        }
    }

    @Test
    void whatAClientCanDoDecidesItsRank() throws Exception {
        JobView job =
                undisturbed.finished(job(ranks(Variant.TRUNCATION, STRONG, rank(1)), BY_COMPONENT));

        for (RoundView round : undisturbed.orchestrator().rounds(job.id())) {
            assertThat(round.clients())
                    .extracting(client -> client.agent().value(), RoundView.Client::rank)
                    .containsExactly(tuple("ada", RANK), tuple("bob", 1));
        }
    }

    @Test
    void whateverIsKilledInBetweenImportanceAndBytesStayTheSame() throws Exception {
        JobSpecification ranked =
                job(
                        ranks(Variant.FREEZING, STRONG, rank(1)),
                        BY_COMPONENT,
                        new QuantisationSpec(8, null, null));

        JobView quiet = survivesKilling(ranked, "ranked");

        assertThat(undisturbed.files(quiet.latest()))
                .containsKey("tiny-filter/" + VersionFile.AGGREGATION_STATE);
    }

    @Test
    void whateverIsKilledInBetweenAStackedBaseStaysTheSame() throws Exception {
        JobView quiet =
                survivesKilling(job(ranks(Variant.PREFIX, STRONG, rank(1)), STACKED), "stacked");

        List<VersionRef> bases = new ArrayList<>();
        for (RoundView round : undisturbed.orchestrator().rounds(quiet.id())) {
            bases.add(undisturbed.registry().version(round.published()).base());
        }
        assertThat(bases).hasSize(ROUNDS).doesNotContain(base).doesNotHaveDuplicates();
    }

    /** Runs it undisturbed and once more under blows; gives the undisturbed one. */
    private JobView survivesKilling(JobSpecification job, String name) throws Exception {
        JobView quiet = undisturbed.finished(job);
        Path home = folder.resolve(name);
        try (TinyFederation killed =
                TinyFederation.ofMail(home, new OwnProcess(home.resolve("logs")))) {
            killed.start();
            Deque<TinyFederation.Blow> blows =
                    new ArrayDeque<>(
                            List.of(
                                    new TinyFederation.Blow("update-accepted", 1, Part.AGGREGATION),
                                    new TinyFederation.Blow("round-started", 2, Part.AGENTS),
                                    new TinyFederation.Blow("round-sealed", 2, Part.ORCHESTRATOR),
                                    new TinyFederation.Blow("round-sealed", 3, Part.REGISTRY)));

            JobView ended = killed.follow(killed.submit(job), blows);

            assertThat(ended.state()).as(ended.reason()).isEqualTo(JobState.COMPLETED);
            assertThat(blows).isEmpty();
            assertThat(published(killed, ended)).isEqualTo(published(undisturbed, quiet));
            assertThat(importance(killed, ended)).isEqualTo(importance(undisturbed, quiet));
        }
        return quiet;
    }

    /** Digests of the files of all rounds, their bases too, and of the merged model. */
    private static List<Map<String, Digest>> published(TinyFederation federation, JobView job)
            throws Exception {
        List<Map<String, Digest>> published = new ArrayList<>();
        for (RoundView round : federation.orchestrator().rounds(job.id())) {
            VersionRef base = federation.registry().version(round.published()).base();
            published.add(federation.files(round.published()));
            published.add(federation.files(base));
        }
        published.add(federation.bytes(job));
        return published;
    }

    private static List<List<List<Double>>> importance(TinyFederation federation, JobView job)
            throws Exception {
        return federation.orchestrator().componentMap(job.id()).rounds().stream()
                .map(ComponentMap.Round::importance)
                .toList();
    }

    private Path adapter(VersionRef version) throws Exception {
        Path into = folder.resolve("fetched").resolve(version.toString().replace('@', '-'));
        undisturbed.registry().fetch(version, into);
        return into.resolve("adapter_model.safetensors");
    }

    /** Of A, as bits. */
    private static List<Integer> row(Path adapter, String module, int component) throws Exception {
        try (SafetensorsFile file = SafetensorsFile.open(adapter)) {
            float[] a = file.floats(AdapterKey.a(module));
            int width = a.length / RANK;
            return IntStream.range(0, width)
                    .mapToObj(i -> Float.floatToRawIntBits(a[component * width + i]))
                    .toList();
        }
    }

    /** Of B, as bits. */
    private static List<Integer> column(Path adapter, String module, int component)
            throws Exception {
        try (SafetensorsFile file = SafetensorsFile.open(adapter)) {
            float[] b = file.floats(AdapterKey.b(module));
            return IntStream.range(0, b.length / RANK)
                    .mapToObj(i -> Float.floatToRawIntBits(b[i * RANK + component]))
                    .toList();
        }
    }

    private static Tier rank(int rank) {
        return new Tier(rank, null, null, null);
    }

    private static RankSpec ranks(Variant variant, Tier... tiers) {
        return new RankSpec(variant, new RankAllotment.Tiers(List.of(tiers)), null, null, null);
    }

    private JobSpecification job(@Nullable RankSpec ranks, AggregationSpec aggregation) {
        return job(ranks, aggregation, null);
    }

    private JobSpecification job(
            @Nullable RankSpec ranks,
            AggregationSpec aggregation,
            @Nullable QuantisationSpec quantisation) {
        return new JobSpecification(
                "ranked",
                42,
                new JobSpecification.ModelSpec(
                        ModelPointer.parse(base.toString()), new ModelName("tiny-filter")),
                TinyFederation.MAIL,
                TaskSpec.classification(List.of("ham", "spam"), 16),
                List.of(
                        new PhaseSpec.FineTune(
                                ROUNDS,
                                null,
                                new AdapterSpec(RANK, 8.0, 0.0, List.of("query", "value")),
                                null,
                                ranks,
                                quantisation,
                                aggregation,
                                new TrainingSpec(1, 4, 0.01, null, null, null, null, 16),
                                Duration.ofMinutes(10),
                                1.0)),
                new EvaluationSpec(TinyFederation.MAIL, 1, null, null),
                null);
    }
}
