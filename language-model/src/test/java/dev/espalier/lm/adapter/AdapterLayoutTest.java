package dev.espalier.lm.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.lm.family.LinearLayer;
import dev.espalier.lm.family.ModelStructure;
import dev.espalier.lm.weights.TensorPart;
import dev.espalier.tensors.Shape;
import dev.espalier.tensors.masked.IndexSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AdapterLayoutTest {

    private static final ModelStructure MODEL =
            new ModelStructure(
                    "toy",
                    1,
                    8,
                    2,
                    4,
                    16,
                    100,
                    10,
                    1000,
                    List.of(
                            new LinearLayer("toy.0.query", 8, 8),
                            new LinearLayer("toy.0.subquery", 8, 8),
                            new LinearLayer("toy.0.up", 8, 16)),
                    List.of(),
                    "classifier",
                    List.of(new LinearLayer("classifier", 8, 3)),
                    List.of("x", "y", "z"),
                    List.of("query"),
                    0.02);

    private static final String A = "base_model.model.toy.0.up.lora_A.weight";
    private static final String B = "base_model.model.toy.0.up.lora_B.weight";

    @ParameterizedTest
    @CsvSource({
        "query, toy.0.query, true",
        "query, toy.0.subquery, false",
        "0.query, toy.0.query, true",
        "toy.0.query, toy.0.query, true",
        "0, toy.0.query, false"
    })
    void aNameMatchesAWholeLastPartOfThePath(String name, String module, boolean matches) {
        assertThat(TargetModules.names(name).matches(module)).isEqualTo(matches);
    }

    @Test
    void anExpressionMatchesTheWholePath() {
        assertThat(TargetModules.expression(".*query").matches("toy.0.subquery")).isTrue();
        assertThat(TargetModules.expression("query").matches("toy.0.query")).isFalse();
    }

    @Test
    void targetsThatMatchNothingAreRefused() {
        assertThatThrownBy(() -> new AdapterLayout(MODEL, settings("q_proj")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("q_proj");
        assertThatThrownBy(() -> TargetModules.expression("("))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shapesFollowRankAndLayer() {
        assertThat(new AdapterLayout(MODEL, settings("up")).shapes())
                .containsEntry(A, Shape.of(2, 8))
                .containsEntry(B, Shape.of(16, 2))
                .containsEntry("base_model.model.classifier.weight", Shape.of(2, 8))
                .containsEntry("base_model.model.classifier.bias", Shape.of(2))
                .hasSize(4);
    }

    @Test
    void valuesThatDoNotFitAreRefusedEachByName() {
        AdapterLayout layout = new AdapterLayout(MODEL, settings("up"));
        AdapterWeights wrong =
                AdapterWeights.builder()
                        .put(A, Shape.of(3, 8), new float[24])
                        .put("stranger", Shape.of(1), new float[1])
                        .build();

        assertThatThrownBy(() -> layout.check(wrong))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(A)
                .hasMessageContaining(B)
                .hasMessageContaining("stranger");
    }

    /** A name that is nowhere would mean: train all of it. */
    @Test
    void aPartThatTheAdapterDoesNotHaveIsRefusedByName() {
        AdapterLayout layout = new AdapterLayout(MODEL, settings("up"));

        assertThatThrownBy(() -> layout.check(components("toy.0.pu", 0)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("toy.0.pu");
        assertThatThrownBy(() -> layout.check(components("toy.0.up", 2)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(A)
                .hasMessageContaining(B);
        assertThatThrownBy(() -> layout.check(components("toy.0.query", 0)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("toy.0.query");
        layout.check(components("toy.0.up", 1));
        layout.check(AdapterPart.of(Map.of(B, TensorPart.rows(IndexSet.of(15)))));
        layout.check(AdapterPart.of(Map.of(B, TensorPart.NOTHING)));
        layout.check(AdapterPart.whole());
    }

    private static AdapterPart components(String module, int component) {
        return AdapterPart.ofComponents(Map.of(module, IndexSet.of(component)));
    }

    @Test
    void aFreshAdapterChangesNothingAndIsDrawnWithinItsBound() {
        AdapterWeights fresh = fresh(settings("up"), 1);

        assertThat(fresh.values(B)).containsOnly(0);
        for (float a : fresh.values(A)) {
            assertThat(Math.abs(a)).isLessThanOrEqualTo((float) (1 / Math.sqrt(8)));
        }
    }

    @Test
    void anotherTargetLeavesTheFirstValuesOfTheOthers() {
        assertThat(fresh(settings("up", "query"), 1).values(A))
                .isEqualTo(fresh(settings("up"), 1).values(A));
    }

    @Test
    void aCallerCannotReachIntoTheValues() {
        float[] values = {1, 2};
        AdapterWeights weights = AdapterWeights.builder().put("t", Shape.of(2), values).build();
        values[0] = 9;
        weights.values("t")[1] = 9;

        assertThat(weights.values("t")).containsExactly(1, 2);
    }

    private static AdapterWeights fresh(AdapterSettings settings, long seed) {
        return FreshAdapter.draw(MODEL, settings, seed, name -> Optional.empty());
    }

    private static AdapterSettings settings(String... targets) {
        return new AdapterSettings(
                2, 4, 0, TargetModules.names(targets), TaskHead.trained(List.of("ham", "spam")));
    }
}
