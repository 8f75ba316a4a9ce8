package dev.espalier.aggregation.session;

import static dev.espalier.aggregation.TinyModel.ADA;
import static dev.espalier.aggregation.TinyModel.BASE;
import static dev.espalier.aggregation.TinyModel.BLOCK;
import static dev.espalier.aggregation.TinyModel.BOB;
import static dev.espalier.aggregation.TinyModel.PARENT;
import static dev.espalier.aggregation.TinyModel.QUERY;
import static dev.espalier.aggregation.TinyModel.invitation;
import static dev.espalier.aggregation.TinyModel.session;
import static dev.espalier.aggregation.TinyModel.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.aggregation.TinyModel;
import dev.espalier.problem.ProblemException;
import dev.espalier.protocol.Digest;
import dev.espalier.protocol.ModelName;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.job.AggregationSpec;
import dev.espalier.protocol.job.RankSpec;
import dev.espalier.protocol.model.ModelStructure;
import dev.espalier.protocol.model.VersionKind;
import dev.espalier.protocol.model.VersionManifest;
import dev.espalier.protocol.problem.ProblemType;
import dev.espalier.protocol.update.HeadAllowance;
import dev.espalier.protocol.update.RoundSession;
import dev.espalier.protocol.update.RoundWork;
import dev.espalier.protocol.update.Scope;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class SessionFitTest {

    private static final AggregationSpec HEAD_WEIGHTED =
            new AggregationSpec.HeadWeighted(null, null);

    @Test
    void aSessionThatFitsItsModelsOpens() {
        Scope some = new Scope(null, Map.of(QUERY, List.of(0)));
        RoundSession session = session(invitation(ADA, Scope.whole()), invitation(BOB, some));

        assertThatCode(() -> SessionFit.require(session, base(), parent(BASE)))
                .doesNotThrowAnyException();
    }

    @ParameterizedTest
    @EnumSource(RankSpec.Variant.class)
    void stackingTakesClientsThatHoldTheFirstComponentsOrAll(RankSpec.Variant variant) {
        RoundSession session =
                products(new AggregationSpec.Stacking(null), variant, "filter", whole());

        switch (variant) {
            case PREFIX, HOMOGENEOUS -> SessionFit.require(session, base(), parent(BASE));
            case FREEZING, TRUNCATION ->
                    assertRefused(session, ProblemType.COMBINATION_REFUSED, variant.name());
        }
    }

    @ParameterizedTest
    @EnumSource(RankSpec.Variant.class)
    void theNearestAdapterIsFoundForEveryVariant(RankSpec.Variant variant) {
        RoundSession session =
                products(new AggregationSpec.RankOptimal(null), variant, "filter", whole());

        assertThatCode(() -> SessionFit.require(session, base(), parent(BASE)))
                .doesNotThrowAnyException();
    }

    static Stream<AggregationSpec> rulesOfProducts() {
        return Stream.of(new AggregationSpec.Stacking(null), new AggregationSpec.RankOptimal(null));
    }

    @ParameterizedTest
    @MethodSource("rulesOfProducts")
    void prunedHeadsLeaveNoProducts(AggregationSpec rule) {
        RoundSession session =
                products(
                        rule,
                        RankSpec.Variant.HOMOGENEOUS,
                        "filter",
                        invitation(ADA, new HeadAllowance(2, Map.of())));

        assertRefused(session, ProblemType.COMBINATION_REFUSED, "pruned heads");
    }

    @Test
    void basesOfStackingNeedANameToo() {
        AggregationSpec rule = new AggregationSpec.Stacking(null);
        RankSpec.Variant prefix = RankSpec.Variant.PREFIX;

        assertThatCode(() ->
                        SessionFit.require(
                                products(rule, prefix, "x".repeat(58), whole()),
                                base(),
                                parent(BASE)))
                .doesNotThrowAnyException();
        assertRefused(
                products(rule, prefix, "x".repeat(59), whole()),
                ProblemType.INVALID_VALUE,
                "publishAs");
    }

    private static RoundSession.Invitation whole() {
        return invitation(ADA, Scope.whole());
    }

    private static void assertRefused(RoundSession session, ProblemType type, String reason) {
        assertThatThrownBy(() -> SessionFit.require(session, base(), parent(BASE)))
                .isInstanceOfSatisfying(
                        ProblemException.class, e -> assertThat(e.type()).isEqualTo(type))
                .hasMessageContaining(reason);
    }

    private static RoundSession products(
            AggregationSpec rule,
            RankSpec.Variant variant,
            String publishAs,
            RoundSession.Invitation invitation) {
        RoundSession like = session(invitation);
        return new RoundSession(
                like.round(),
                like.job(),
                like.number(),
                new ModelName(publishAs),
                like.base(),
                like.parent(),
                new RoundWork.FineTune(
                        TinyModel.training(like).adapter(),
                        TinyModel.training(like).task(),
                        rule,
                        new RankSpec(variant, null, null, null, null)),
                like.seed(),
                like.cohort(),
                like.deadline());
    }

    @Test
    void aParentOfAnotherBaseDoesNotFit() {
        RoundSession session = session(invitation(ADA, Scope.whole()));

        assertThatThrownBy(
                        () -> SessionFit.require(session, base(), parent(VersionRef.parse("x@1"))))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        e -> assertThat(e.type()).isEqualTo(ProblemType.MODEL_DOES_NOT_FIT));
    }

    static Stream<RoundSession> impossible() {
        return Stream.of(
                session(invitation(ADA, Scope.whole()), invitation(ADA, Scope.whole())),
                session(invitation(ADA, TinyModel.heads(List.of(0), List.of()))),
                session(invitation(ADA, allowance(1, "nowhere", 0))),
                session(invitation(ADA, allowance(2, BLOCK, 0, 2))),
                session(invitation(ADA, allowance(4, BLOCK, 1, 0))),
                session(invitation(ADA, allowance(1, BLOCK, 0, 1))),
                session(invitation(ADA, new HeadAllowance(5, Map.of()))),
                session(invitation(ADA, new Scope(null, Map.of(BLOCK + ".key", List.of(0))))),
                session(invitation(ADA, new Scope(null, Map.of(QUERY, List.of(2))))));
    }

    @ParameterizedTest
    @MethodSource("impossible")
    void aCohortThatCannotBeIsRefused(RoundSession session) {
        assertThatThrownBy(() -> SessionFit.require(session, base(), parent(BASE)))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        e -> assertThat(e.type()).isEqualTo(ProblemType.INVALID_VALUE));
    }

    @Test
    void headsMayBeChosenUnderEitherRule() {
        RoundSession session = session(invitation(ADA, allowance(2, BLOCK, 1)));

        assertThatCode(
                        () -> {
                            SessionFit.require(session, base(), parent(BASE));
                            SessionFit.require(with(HEAD_WEIGHTED, session), base(), parent(BASE));
                        })
                .doesNotThrowAnyException();
    }

    @Test
    void aRuleThatWeighsHeadsIsRefusedForOneWhoChoosesNone() {
        RoundSession session =
                with(
                        HEAD_WEIGHTED,
                        session(
                                invitation(ADA, allowance(2, BLOCK, 1)),
                                invitation(BOB, Scope.whole())));

        assertThatThrownBy(() -> SessionFit.require(session, base(), parent(BASE)))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        e -> assertThat(e.type()).isEqualTo(ProblemType.COMBINATION_REFUSED))
                .hasMessageContaining("bob");
    }

    private static HeadAllowance allowance(int atMost, String block, Integer... forced) {
        return new HeadAllowance(atMost, Map.of(block, List.of(forced)));
    }

    private static VersionManifest base() {
        return manifest(BASE, VersionKind.BASE, null, TinyModel.structure());
    }

    private static VersionManifest parent(VersionRef base) {
        return manifest(PARENT, VersionKind.ADAPTER, base, null);
    }

    private static VersionManifest manifest(
            VersionRef ref, VersionKind kind, VersionRef base, ModelStructure structure) {
        return new VersionManifest(
                ref.model(),
                ref.number(),
                kind,
                Digest.of(new byte[0]),
                List.of(),
                base,
                null,
                structure,
                Instant.EPOCH);
    }
}
