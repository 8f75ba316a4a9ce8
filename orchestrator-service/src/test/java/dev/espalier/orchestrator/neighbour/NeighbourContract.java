package dev.espalier.orchestrator.neighbour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.AliasName;
import dev.espalier.protocol.DataName;
import dev.espalier.protocol.Digest;
import dev.espalier.protocol.JobId;
import dev.espalier.protocol.ModelName;
import dev.espalier.protocol.ModelPointer;
import dev.espalier.protocol.RoundId;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.job.AdapterSpec;
import dev.espalier.protocol.job.AggregationSpec;
import dev.espalier.protocol.job.RankSpec;
import dev.espalier.protocol.job.SparseAggregationSpec;
import dev.espalier.protocol.job.TaskSpec;
import dev.espalier.protocol.job.WeightPruningSpec;
import dev.espalier.protocol.model.MatrixSparsity;
import dev.espalier.protocol.model.MoveAlias;
import dev.espalier.protocol.model.VersionKind;
import dev.espalier.protocol.model.VersionManifest;
import dev.espalier.protocol.model.VersionMetrics;
import dev.espalier.protocol.problem.ProblemType;
import dev.espalier.protocol.update.InitialAdapter;
import dev.espalier.protocol.update.MergeAdapter;
import dev.espalier.protocol.update.RoundSession;
import dev.espalier.protocol.update.RoundSessionView;
import dev.espalier.protocol.update.RoundSessionView.ModuleComponents;
import dev.espalier.protocol.update.RoundSessionView.OwnVersion;
import dev.espalier.protocol.update.RoundSessionView.State;
import dev.espalier.protocol.update.RoundSessionView.UpdateState;
import dev.espalier.protocol.update.RoundSessionView.UpdateView;
import dev.espalier.protocol.update.RoundWork;
import dev.espalier.protocol.update.Scope;
import dev.espalier.protocol.update.UploadPlan;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What this service relies on in its neighbours, be they in memory or behind HTTP. */
abstract class NeighbourContract {

    private static final Instant NOW = Instant.parse("2026-01-05T10:15:30.123Z");
    private static final ModelName MODEL = new ModelName("spam-filter");
    private static final AliasName CHAMPION = new AliasName("champion");
    private static final JobId JOB = new JobId(new UUID(3, 1));
    private static final RoundId ROUND = new RoundId(new UUID(4, 1));
    private static final AgentName ADA = new AgentName("ada");
    private static final AgentName BOB = new AgentName("bob");
    private static final TaskSpec SPAM = TaskSpec.classification(List.of("ham", "spam"), 32);
    private static final AdapterSpec ADAPTER = new AdapterSpec(2, null, null, List.of("query"));

    final FakeRegistry registryInside = new FakeRegistry();
    final FakeAggregation aggregationInside = new FakeAggregation(registryInside, () -> NOW);

    abstract Registry registry();

    abstract Aggregation aggregation();

    @Test
    void aVersionIsFoundByNumberAndByAlias() {
        registryInside.publishBase(MODEL);

        VersionManifest byNumber =
                registry().find(ModelPointer.parse("spam-filter@1")).orElseThrow();
        assertThat(registry().find(ModelPointer.parse("spam-filter"))).contains(byNumber);
        assertThat(byNumber.kind()).isEqualTo(VersionKind.BASE);
        assertThat(byNumber.structure()).isEqualTo(Models.structure());
        assertThat(registry().find(ModelPointer.parse("spam-filter@2"))).isEmpty();
        assertThat(registry().find(ModelPointer.parse("nothing@latest"))).isEmpty();
    }

    @Test
    void anAliasMovesOnlyFromWhereItIs() {
        assertThat(registry().alias(MODEL, CHAMPION)).isEmpty();
        assertThat(registry().moveAlias(MODEL, CHAMPION, new MoveAlias(1, null))).isTrue();
        assertThat(registry().moveAlias(MODEL, CHAMPION, new MoveAlias(2, null))).isFalse();
        assertThat(registry().moveAlias(MODEL, CHAMPION, new MoveAlias(2, 1))).isTrue();
        assertThat(registry().alias(MODEL, CHAMPION)).hasValue(2);
    }

    @Test
    void metricsAreKeptWithTheirVersion() {
        VersionMetrics metrics =
                new VersionMetrics(new DataName("mail-test"), 600, Map.of("accuracy", 0.9));
        registry().recordMetrics(new VersionRef(MODEL, 1), metrics);
        registry().recordMetrics(new VersionRef(MODEL, 1), metrics);

        assertThat(registryInside.metrics(new VersionRef(MODEL, 1), new DataName("mail-test")))
                .contains(metrics);
    }

    @Test
    void theFirstAdapterAndTheMergedModelArePublishedOnce() {
        InitialAdapter first = new InitialAdapter(JOB, 42, MODEL, Models.TINY, ADAPTER, SPAM);
        VersionRef adapter = aggregation().initialAdapter(first).ref();
        MergeAdapter merge = new MergeAdapter(JOB, adapter, new ModelName("spam-filter-merged"));

        assertThat(adapter).hasToString("spam-filter@1");
        assertThat(aggregation().initialAdapter(first).ref()).isEqualTo(adapter);
        assertThat(aggregation().mergedModel(merge).ref()).hasToString("spam-filter-merged@1");
        assertThat(aggregation().mergedModel(merge).ref()).hasToString("spam-filter-merged@1");
    }

    @Test
    void aSessionIsOpenedOnceAndTellsWhatIsIn() {
        assertThat(aggregation().open(session(NOW)).state()).isEqualTo(State.OPEN);
        assertThat(aggregation().open(session(NOW)).state()).isEqualTo(State.OPEN);
        aggregationInside.handIn(ROUND, ADA, "token of ada", "update", 30);

        List<UpdateView> updates = aggregation().view(ROUND).updates();
        assertThat(updates).extracting(UpdateView::agent).containsExactly(ADA, BOB);
        assertThat(updates)
                .extracting(UpdateView::state)
                .containsExactly(UpdateState.ACCEPTED, UpdateState.MISSING);
        assertThat(updates.getFirst().receivedAt()).isEqualTo(NOW);
        assertThat(updates.getFirst().bytesUp()).isPositive();
    }

    @Test
    void anotherSessionUnderTheSameNameIsRefused() {
        aggregation().open(session(NOW));

        assertThatThrownBy(() -> aggregation().open(session(NOW.plusSeconds(1))))
                .isInstanceOfSatisfying(
                        NeighbourRefused.class,
                        refused ->
                                assertThat(refused.is(ProblemType.CONTRADICTS_EARLIER_REQUEST))
                                        .isTrue());
    }

    @Test
    void aSealedSessionIsPublishedInTheEndAndStaysSo() {
        aggregation().initialAdapter(new InitialAdapter(JOB, 1, MODEL, Models.TINY, ADAPTER, SPAM));
        aggregation().open(session(NOW));
        aggregationInside.handIn(ROUND, ADA, "token of ada", "update", 30);
        while (aggregation().seal(ROUND).state() != State.PUBLISHED) {
            assertThat(aggregation().view(ROUND).published()).isNull();
        }

        assertThat(Objects.requireNonNull(aggregation().seal(ROUND).published()))
                .hasToString("spam-filter@2");
        assertThat(aggregationInside.handIn(ROUND, BOB, "token of bob", "late", 30)).isFalse();
    }

    @Test
    void aRoundTellsOfTheComponentsThatItsClientsTrained() {
        Scope second =
                new Scope(null, Map.of("bert.encoder.layer.0.attention.self.query", List.of(1)));
        aggregation().initialAdapter(new InitialAdapter(JOB, 1, MODEL, Models.TINY, ADAPTER, SPAM));
        aggregation()
                .open(
                        session(
                                NOW,
                                new AggregationSpec.RankAdaptive(null, null),
                                new RankSpec(null, null, null, null, null),
                                List.of(invited(ADA, second, new UploadPlan(8, null)))));
        aggregationInside.handIn(ROUND, ADA, "token of ada", "update", 30);

        RoundSessionView done = published();

        assertThat(done.publishedBase()).isNull();
        assertThat(done.updates().getFirst().keptComponents()).isEqualTo(1);
        assertThat(done.updates().getFirst().quantisationError()).isPositive();
        ModuleComponents query = Objects.requireNonNull(done.components()).getFirst();
        assertThat(query.module()).isEqualTo("bert.encoder.layer.0.attention.self.query");
        assertThat(query.contributors()).containsExactly(0, 1);
        assertThat(query.age()).containsExactly(1, 0);
        assertThat(query.importance()).hasSize(2);
    }

    @Test
    void aRoundThatIsMergedTellsTheBaseThatItMadeWhichHasAStructure() {
        aggregation().initialAdapter(new InitialAdapter(JOB, 1, MODEL, Models.TINY, ADAPTER, SPAM));
        aggregation()
                .open(
                        session(
                                NOW,
                                new AggregationSpec.Stacking(null),
                                null,
                                List.of(invited(ADA))));
        aggregationInside.handIn(ROUND, ADA, "token of ada", "update", 30);

        VersionRef base = Objects.requireNonNull(published().publishedBase());

        assertThat(published().publishedBase()).isEqualTo(base);
        VersionManifest manifest =
                registry().find(ModelPointer.parse(base.toString())).orElseThrow();
        assertThat(manifest.kind()).isEqualTo(VersionKind.MERGED);
        assertThat(manifest.structure()).isEqualTo(Models.structure());
    }

    @Test
    void aRoundThatPrunesMakesASparseBase() {
        registryInside.publishBase(Models.TINY.model());
        aggregation().open(pruning(new SparseAggregationSpec.L0()));
        aggregationInside.handIn(ROUND, ADA, "token of ada", "update", 30);

        RoundSessionView done = published();

        VersionRef base = Objects.requireNonNull(done.published());
        assertThat(done.publishedBase()).isEqualTo(base);
        assertThat(done.standalone()).isNull();
        assertThat(base.model()).isEqualTo(RoundSession.basesOf(MODEL));
        assertThat(registry().find(ModelPointer.parse(base.toString())).orElseThrow())
                .satisfies(manifest -> {
                    assertThat(manifest.kind()).isEqualTo(VersionKind.MERGED);
                    assertThat(manifest.structure()).isEqualTo(Models.structure());
                });
        assertThat(done.updates().getFirst().layers()).isEqualTo(1);
        assertThat(done.updates().getFirst().sparsity()).isEqualTo(0.5);
        assertThat(Objects.requireNonNull(done.matrices()))
                .hasSize(6)
                .isSortedAccordingTo(Comparator.comparing(MatrixSparsity::name))
                .allSatisfy(matrix -> assertThat(matrix.sparsity()).isEqualTo(0.5));
    }

    @Test
    void whereNothingIsCombinedEveryClientHasAVersion() {
        registryInside.publishBase(Models.TINY.model());
        aggregation().open(pruning(new SparseAggregationSpec.Standalone()));
        aggregationInside.handIn(ROUND, BOB, "token of bob", "update", 30);
        aggregationInside.handIn(ROUND, ADA, "token of ada", "another", 30);

        RoundSessionView done = published();

        List<OwnVersion> own = Objects.requireNonNull(done.standalone());
        assertThat(own).extracting(OwnVersion::agent).containsExactly(ADA, BOB);
        assertThat(done.published()).isEqualTo(own.getFirst().version());
        assertThat(done.publishedBase()).isEqualTo(done.published());
        assertThat(own.getLast().version()).isNotEqualTo(done.published());
    }

    private static RoundSession pruning(SparseAggregationSpec rule) {
        BigDecimal half = new BigDecimal("0.5");
        return new RoundSession(
                ROUND,
                JOB,
                1,
                MODEL,
                Models.TINY,
                Models.TINY,
                new RoundWork.Prune(
                        new WeightPruningSpec(half, null, null, null, null, null, null, null),
                        half,
                        rule),
                1,
                List.of(
                        invited(ADA, Scope.ofLayers(List.of(0)), null),
                        invited(BOB, Scope.ofLayers(List.of(0)), null)),
                NOW);
    }

    private RoundSessionView published() {
        RoundSessionView view = aggregation().seal(ROUND);
        while (view.state() != State.PUBLISHED) {
            view = aggregation().seal(ROUND);
        }
        return view;
    }

    @Test
    void aCancelledSessionTakesNothing() {
        aggregation().open(session(NOW));

        assertThat(aggregation().cancel(ROUND).state()).isEqualTo(State.CANCELLED);
        assertThat(aggregation().cancel(ROUND).state()).isEqualTo(State.CANCELLED);
        assertThat(aggregationInside.handIn(ROUND, ADA, "token of ada", "late", 30)).isFalse();
    }

    @Test
    void anUnknownRoundIsRefused() {
        assertThatThrownBy(() -> aggregation().view(ROUND))
                .isInstanceOfSatisfying(
                        NeighbourRefused.class,
                        refused -> assertThat(refused.is(ProblemType.NOT_FOUND)).isTrue());
    }

    @Test
    void anOutageIsNoRefusal() {
        registryInside.outage().begin();
        aggregationInside.outage().begin();

        assertThatThrownBy(() -> registry().find(ModelPointer.parse("spam-filter")))
                .isInstanceOf(NeighbourUnavailable.class)
                .hasMessageStartingWith("the model registry ");
        assertThatThrownBy(() -> aggregation().view(ROUND))
                .isInstanceOf(NeighbourUnavailable.class)
                .hasMessageStartingWith("the aggregation service ");
    }

    private static RoundSession session(Instant deadline) {
        return session(
                deadline,
                new AggregationSpec.FedAvg(null),
                null,
                List.of(invited(ADA), invited(BOB)));
    }

    private static RoundSession session(
            Instant deadline,
            AggregationSpec rule,
            @Nullable RankSpec ranks,
            List<RoundSession.Invitation> cohort) {
        return new RoundSession(
                ROUND,
                JOB,
                1,
                MODEL,
                Models.TINY,
                new VersionRef(MODEL, 1),
                new RoundWork.FineTune(ADAPTER, SPAM, rule, ranks),
                1,
                cohort,
                deadline);
    }

    private static RoundSession.Invitation invited(AgentName agent) {
        return invited(agent, Scope.whole(), null);
    }

    private static RoundSession.Invitation invited(
            AgentName agent, Scope scope, @Nullable UploadPlan upload) {
        byte[] token = ("token of " + agent).getBytes(StandardCharsets.US_ASCII);
        return new RoundSession.Invitation(agent, Digest.of(token), scope, null, upload);
    }
}
