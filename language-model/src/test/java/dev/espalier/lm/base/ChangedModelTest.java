package dev.espalier.lm.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.espalier.lm.Goldens;
import dev.espalier.lm.adapter.AdapterSettings;
import dev.espalier.lm.adapter.TargetModules;
import dev.espalier.lm.adapter.TaskHead;
import dev.espalier.lm.compute.Bfloat16;
import dev.espalier.lm.compute.Precision;
import dev.espalier.lm.family.HeadMask;
import dev.espalier.lm.tokens.LanguageExample;
import dev.espalier.lm.train.LanguageModelEvaluator;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model with other values in some tensors. */
class ChangedModelTest {

    private static final String UP = "model.layers.0.mlp.up_proj.weight";
    private static final String QUERY = "model.layers.0.self_attn.q_proj.weight";
    private static final List<LanguageExample> TEXT =
            LanguageExample.windows(IntStream.range(3, 23).toArray(), 10);

    private BaseModel base;

    @BeforeEach
    void load() throws IOException {
        base = BaseModel.load(Goldens.bundled("llama"));
    }

    @AfterEach
    void close() {
        base.close();
    }

    @Test
    void itHasTheNewValuesAndSharesAllOthers() {
        float[] before = base.weights().floats(UP);
        int arrays = base.weights().manager().getManagedArrays().size();
        try (BaseModel halved = base.changed(changes(UP, ChangedModelTest::halved))) {
            assertThat(halved.weights().floats(UP)).isEqualTo(halved(before.clone()));
            assertThat(halved.weights().get(QUERY)).isSameAs(base.weights().get(QUERY));
            assertThat(loss(halved)).isNotEqualTo(loss(base));
        }
        assertThat(base.weights().floats(UP)).isEqualTo(before);
        assertThat(base.weights().manager().getManagedArrays()).hasSize(arrays);
    }

    @Test
    void whereNothingChangesItComputesTheSame() {
        try (BaseModel same = base.changed(changes(UP, values -> values))) {
            assertThat(loss(same)).isEqualTo(loss(base));
        }
    }

    /** So a checkpoint of one is no checkpoint of the other. */
    @Test
    void itIsToldFromTheModelAndFromOtherChanges() {
        try (BaseModel halved = base.changed(changes(UP, ChangedModelTest::halved));
                BaseModel again = base.changed(changes(UP, ChangedModelTest::halved));
                BaseModel same = base.changed(changes(UP, values -> values))) {
            assertThat(halved.weights().identity())
                    .isEqualTo(again.weights().identity())
                    .isNotEqualTo(base.weights().identity())
                    .isNotEqualTo(same.weights().identity());
        }
    }

    @Test
    void headsMayBeRemovedFromIt() {
        boolean[][] kept = HeadMask.all(base.structure()).toArray();
        kept[0][1] = false;
        try (BaseModel halved = base.changed(changes(QUERY, ChangedModelTest::halved));
                BaseModel left = halved.keeping(HeadMask.of(kept));
                BaseModel fewer = base.keeping(HeadMask.of(kept))) {
            assertThat(left.weights().floats(QUERY))
                    .isEqualTo(halved(fewer.weights().floats(QUERY)));
            assertThat(left.weights().floats(UP)).isEqualTo(base.weights().floats(UP));
            assertThat(left.weights().identity()).isEqualTo(halved.weights().identity());
        }
    }

    @Test
    void valuesThatAreChangedTwiceAreThoseOfTheLastChange() {
        float[] before = base.weights().floats(UP);
        try (BaseModel halved = base.changed(changes(UP, ChangedModelTest::halved));
                BaseModel both = halved.changed(changes(QUERY, ChangedModelTest::halved));
                BaseModel quartered = both.changed(changes(UP, ChangedModelTest::halved))) {
            assertThat(both.weights().floats(UP)).isEqualTo(halved(before.clone()));
            assertThat(quartered.weights().floats(UP)).isEqualTo(halved(halved(before.clone())));
        }
    }

    @Test
    void itsFolderHoldsTheNewValues(@TempDir Path folder) throws IOException {
        AdapterSettings adapter =
                new AdapterSettings(1, 1, 0, TargetModules.names("q_proj"), TaskHead.frozen());
        try (BaseModel halved = base.changed(changes(UP, ChangedModelTest::halved))) {
            MergedModel.write(halved, adapter, halved.freshAdapter(adapter, 1), folder);
        }
        try (BaseModel read = BaseModel.load(folder)) {
            assertThat(read.weights().floats(UP)).isEqualTo(halved(base.weights().floats(UP)));
        }
    }

    @Test
    void narrowProductsTakeTheNewValuesToo() throws IOException {
        Assumptions.assumeTrue(
                Bfloat16.isSupported(), "this processor has no avx512_bf16 or amx_bf16");
        try (BaseModel narrow = BaseModel.load(Goldens.bundled("llama"), Precision.BFLOAT16);
                BaseModel halved = narrow.changed(changes(UP, ChangedModelTest::halved))) {
            assertThat(loss(halved)).isNotEqualTo(loss(narrow));
        }
    }

    @Test
    void whatDoesNotFitIsRefusedAndLeavesNothingBehind() {
        int arrays = base.weights().manager().getManagedArrays().size();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> base.changed(changes("model.nothing", values -> values)))
                .withMessageContaining("model.nothing");
        SortedMap<String, UnaryOperator<float[]>> tooShort =
                changes(QUERY, ChangedModelTest::halved);
        tooShort.put(UP, values -> new float[1]);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> base.changed(tooShort))
                .withMessageContaining(UP);
        assertThat(base.weights().manager().getManagedArrays()).hasSize(arrays);
    }

    private static SortedMap<String, UnaryOperator<float[]>> changes(
            String tensor, UnaryOperator<float[]> change) {
        SortedMap<String, UnaryOperator<float[]>> changes = new TreeMap<>();
        changes.put(tensor, change);
        return changes;
    }

    private static float[] halved(float[] values) {
        for (int i = 0; i < values.length; i++) {
            values[i] /= 2;
        }
        return values;
    }

    private static double loss(BaseModel model) {
        return new LanguageModelEvaluator(model, 2).evaluate(TEXT).loss();
    }
}
