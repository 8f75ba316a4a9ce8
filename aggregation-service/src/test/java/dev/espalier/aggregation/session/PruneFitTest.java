package dev.espalier.aggregation.session;

import static dev.espalier.aggregation.LayeredModel.BASE;
import static dev.espalier.aggregation.LayeredModel.EXPANDED;
import static dev.espalier.aggregation.LayeredModel.HALF;
import static dev.espalier.aggregation.LayeredModel.L0;
import static dev.espalier.aggregation.LayeredModel.STANDALONE;
import static dev.espalier.aggregation.LayeredModel.half;
import static dev.espalier.aggregation.LayeredModel.invitation;
import static dev.espalier.aggregation.LayeredModel.pattern;
import static dev.espalier.aggregation.LayeredModel.weights;
import static dev.espalier.aggregation.TinyModel.ADA;
import static dev.espalier.aggregation.TinyModel.BOB;
import static dev.espalier.aggregation.TinyModel.ROUND;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.aggregation.LayeredModel;
import dev.espalier.aggregation.TinyModel;
import dev.espalier.problem.ProblemException;
import dev.espalier.protocol.Digest;
import dev.espalier.protocol.ModelName;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.job.SparseAggregationSpec;
import dev.espalier.protocol.job.WeightPruningSpec.Pruner;
import dev.espalier.protocol.model.ModelStructure;
import dev.espalier.protocol.model.ModelStructure.Linear;
import dev.espalier.protocol.model.VersionKind;
import dev.espalier.protocol.model.VersionManifest;
import dev.espalier.protocol.problem.ProblemType;
import dev.espalier.protocol.update.HeadAllowance;
import dev.espalier.protocol.update.RoundSession;
import dev.espalier.protocol.update.RoundSession.Invitation;
import dev.espalier.protocol.update.RoundWork;
import dev.espalier.protocol.update.Scope;
import dev.espalier.protocol.update.UploadPlan;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PruneFitTest {

    private static final RoundWork.Prune PATTERNED =
            new RoundWork.Prune(pattern("2:4", Pruner.WANDA), null, L0);

    static Stream<RoundWork.Prune> possible() {
        return Stream.of(
                half(L0),
                half(EXPANDED),
                half(STANDALONE),
                half(new SparseAggregationSpec.RandomExpansion()),
                PATTERNED,
                new RoundWork.Prune(pattern("2:4", Pruner.SPARSE_GPT), null, STANDALONE),
                new RoundWork.Prune(weights(Pruner.MAGNITUDE), BigDecimal.ZERO, EXPANDED));
    }

    @ParameterizedTest
    @MethodSource("possible")
    void whatCanBePrunedAndCombinedOpens(RoundWork.Prune work) {
        assertThatCode(() -> require(session(work, invitation(ADA, 0, 2), invitation(BOB, 1))))
                .doesNotThrowAnyException();
    }

    @Test
    void aParentThatIsNotTheBaseDoesNotFit() {
        RoundSession like = session(half(L0), invitation(ADA, 0));
        RoundSession other =
                new RoundSession(
                        like.round(),
                        like.job(),
                        like.number(),
                        like.publishAs(),
                        like.base(),
                        VersionRef.parse("layered@2"),
                        like.work(),
                        like.seed(),
                        like.cohort(),
                        like.deadline());

        assertRefused(other, ProblemType.MODEL_DOES_NOT_FIT, "layered@1");
    }

    @Test
    void aBaseWhoseStructureTellsNoLayersIsToBeRegisteredAgain() {
        ModelStructure silent =
                LayeredModel.structure("tiny", List.of(new Linear("net.layer.0.up", 8, 8, false)));

        assertThatThrownBy(() ->
                        SessionFit.require(
                                session(half(L0), invitation(ADA, 0)), base(silent), base(silent)))
                .hasMessageContaining("register the base again")
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        e -> assertThat(e.type()).isEqualTo(ProblemType.MODEL_DOES_NOT_FIT));
    }

    @Test
    void aPoolerOutsideOfAllLayersIsNoHindrance() {
        List<Linear> linears = new ArrayList<>(LayeredModel.structure().linears());
        linears.add(new Linear("net.pooler", 6, 6, true));
        ModelStructure pooled = LayeredModel.structure("tiny", linears);

        assertThatCode(() ->
                        SessionFit.require(
                                session(PATTERNED, invitation(ADA, 0)), base(pooled), base(pooled)))
                .doesNotThrowAnyException();
    }

    static Stream<RoundWork.Prune> withoutOneShare() {
        return Stream.of(
                new RoundWork.Prune(weights(Pruner.WANDA), null, L0),
                new RoundWork.Prune(pattern("2:4", Pruner.WANDA), HALF, L0),
                new RoundWork.Prune(weights(Pruner.WANDA), BigDecimal.ONE, L0),
                new RoundWork.Prune(weights(Pruner.WANDA), new BigDecimal("-0.1"), L0),
                new RoundWork.Prune(pattern("4:4", Pruner.WANDA), null, L0),
                new RoundWork.Prune(pattern("4:2", Pruner.WANDA), null, L0));
    }

    @ParameterizedTest
    @MethodSource("withoutOneShare")
    void workThatDoesNotSayHowMuchIsRefused(RoundWork.Prune work) {
        assertRefused(session(work, invitation(ADA, 0)), ProblemType.INVALID_VALUE, "");
    }

    static Stream<SparseAggregationSpec> expanding() {
        return Stream.of(EXPANDED, new SparseAggregationSpec.RandomExpansion());
    }

    @ParameterizedTest
    @MethodSource("expanding")
    void aPatternIsNotExpanded(SparseAggregationSpec rule) {
        RoundWork.Prune work = new RoundWork.Prune(pattern("2:4", Pruner.WANDA), null, rule);

        assertRefused(session(work, invitation(ADA, 0)), ProblemType.COMBINATION_REFUSED, "2:4");
    }

    @ParameterizedTest
    @ValueSource(strings = {"2:5", "1:3"})
    void groupsThatDoNotFillARowDoNotFit(String pattern) {
        RoundWork.Prune work = new RoundWork.Prune(pattern(pattern, Pruner.WANDA), null, L0);

        assertRefused(
                session(work, invitation(ADA, 0)), ProblemType.MODEL_DOES_NOT_FIT, "net.layer.0");
    }

    @Test
    void basesNeedANameToo() {
        assertThatCode(() -> require(named("x".repeat(58)))).doesNotThrowAnyException();
        assertRefused(named("x".repeat(59)), ProblemType.INVALID_VALUE, "publishAs");
    }

    static Stream<Arguments> impossible() {
        Invitation like = invitation(ADA, 0);
        return Stream.of(
                cohort("twice", invitation(ADA, 0), invitation(ADA, 1)),
                cohort("no layers", with(Scope.whole(), null, null)),
                cohort("an empty list of layers", with(Scope.ofLayers(List.of()), null, null)),
                cohort("a layer that is not there", invitation(ADA, 2, 3)),
                cohort("heads", with(new Scope(Map.of(), null, List.of(0)), null, null)),
                cohort("components", with(new Scope(null, Map.of(), List.of(0)), null, null)),
                cohort("allowance", with(like.scope(), new HeadAllowance(1, Map.of()), null)),
                cohort("upload", with(like.scope(), null, new UploadPlan(8, null))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("impossible")
    void aCohortThatCannotPruneIsRefused(List<Invitation> cohort) {
        assertRefused(
                session(half(L0), cohort.toArray(Invitation[]::new)),
                ProblemType.INVALID_VALUE,
                "ada");
    }

    @Test
    void whoTrainsIsAskedForNoLayers() {
        assertThatThrownBy(() ->
                        SessionFit.require(
                                TinyModel.session(invitation(ADA, 0)),
                                manifest(TinyModel.BASE, TinyModel.structure(), null),
                                manifest(TinyModel.PARENT, null, TinyModel.BASE)))
                .hasMessageContaining("layers")
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        e -> assertThat(e.type()).isEqualTo(ProblemType.INVALID_VALUE));
    }

    private static Arguments cohort(String name, Invitation... cohort) {
        return Arguments.of(Named.of(name, List.of(cohort)));
    }

    private static Invitation with(Scope scope, HeadAllowance heads, UploadPlan upload) {
        return new Invitation(ADA, invitation(ADA, 0).tokenHash(), scope, heads, upload);
    }

    private static RoundSession session(RoundWork.Prune work, Invitation... cohort) {
        return LayeredModel.session(ROUND, BASE, work, cohort);
    }

    private static RoundSession named(String name) {
        RoundSession like = session(half(L0), invitation(ADA, 0));
        return new RoundSession(
                like.round(),
                like.job(),
                like.number(),
                new ModelName(name),
                like.base(),
                like.parent(),
                like.work(),
                like.seed(),
                like.cohort(),
                like.deadline());
    }

    private static void assertRefused(RoundSession session, ProblemType type, String reason) {
        assertThatThrownBy(() -> require(session))
                .hasMessageContaining(reason)
                .isInstanceOfSatisfying(
                        ProblemException.class, e -> assertThat(e.type()).isEqualTo(type));
    }

    private static void require(RoundSession session) {
        VersionManifest base = base(LayeredModel.structure());
        SessionFit.require(session, base, base);
    }

    private static VersionManifest base(ModelStructure structure) {
        return manifest(BASE, structure, null);
    }

    private static VersionManifest manifest(
            VersionRef ref, ModelStructure structure, VersionRef base) {
        return new VersionManifest(
                ref.model(),
                ref.number(),
                base == null ? VersionKind.BASE : VersionKind.ADAPTER,
                Digest.of(new byte[0]),
                List.of(),
                base,
                null,
                structure,
                Instant.EPOCH);
    }
}
