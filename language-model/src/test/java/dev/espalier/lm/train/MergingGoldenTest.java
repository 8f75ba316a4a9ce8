package dev.espalier.lm.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.espalier.lm.Goldens;
import dev.espalier.lm.adapter.LiveAdapter;
import dev.espalier.lm.adapter.PeftFolder;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.base.MergedModel;
import dev.espalier.lm.weights.FrozenWeights;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Adapters laid into the weights that they sit on, and taken out again. */
class MergingGoldenTest {

    static Stream<String> adapters() {
        return Goldens.adapters();
    }

    @ParameterizedTest
    @MethodSource("adapters")
    void aMergedAdapterComputesWhatPeftComputesWithItsDetours(String adapter) throws IOException {
        PeftFolder peft = peft(adapter);
        try (GoldenModel model = GoldenModel.load(family(adapter));
                LiveAdapter live = model.base().adapt(peft.settings(), peft.weights())) {
            float[] expected = Goldens.floats(file(adapter), "logits");
            float[] apart = model.logits(live, null);
            live.merge();
            float[] merged = model.logits(live, null);

            model.compareLogits(merged, expected);
            assertThat(merged).isNotEqualTo(apart); // another order of sums
        }
    }

    @ParameterizedTest
    @MethodSource("adapters")
    void afterUnmergingEveryBitIsAsBefore(String adapter) throws IOException {
        PeftFolder peft = peft(adapter);
        try (GoldenModel model = GoldenModel.load(family(adapter));
                LiveAdapter live = model.base().adapt(peft.settings(), peft.weights())) {
            FrozenWeights base = model.base().weights();
            int baseArrays = base.manager().getManagedArrays().size();
            int adapterArrays = live.manager().getManagedArrays().size();
            float[] before = model.logits(live, null);
            live.merge();
            live.merge(); // once is enough
            live.unmerge();

            assertThat(model.logits(live, null)).isEqualTo(before);
            assertThat(model.gradients(live).names()).isEqualTo(peft.weights().names());
            assertThat(live.manager().getManagedArrays()).hasSize(adapterArrays);
            assertThat(base.manager().getManagedArrays()).hasSize(baseArrays);
            for (String name : base.shapes().keySet()) {
                assertThat(base.get(name).toFloatArray()).isEqualTo(base.floats(name));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("adapters")
    void aMergedAdapterIsNotTrained(String adapter) throws IOException {
        PeftFolder peft = peft(adapter);
        try (GoldenModel model = GoldenModel.load(family(adapter));
                LiveAdapter live = model.base().adapt(peft.settings(), peft.weights())) {
            live.merge();

            assertThatThrownBy(live::parameters)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("unmerge");
        }
    }

    @ParameterizedTest
    @MethodSource("adapters")
    void aMergedFolderGivesTheBaseBackToTheLastPlace(
            String adapter, @TempDir Path merged, @TempDir Path restored) throws IOException {
        PeftFolder peft = peft(adapter);
        try (BaseModel base = BaseModel.load(family(adapter))) {
            MergedModel.write(base, peft.settings(), peft.weights(), merged);
            try (BaseModel both = BaseModel.load(merged)) {
                MergedModel.undo(both, peft.settings(), peft.weights(), restored);
                try (BaseModel again = BaseModel.load(restored)) {
                    assertThat(again.weights().shapes().keySet())
                            .isEqualTo(withoutSavedHead(base, peft));
                    compare(base.weights(), both.weights(), again.weights());
                    requireUntouched(base, peft, again);
                }
            }
        }
    }

    private static void compare(FrozenWeights base, FrozenWeights merged, FrozenWeights again) {
        for (String name : again.shapes().keySet()) {
            float[] expected = base.floats(name);
            float[] sums = merged.floats(name);
            float[] actual = again.floats(name);
            for (int i = 0; i < expected.length; i++) {
                assertThat(actual[i])
                        .as("%s[%d]", name, i)
                        .isCloseTo(expected[i], within(Math.ulp(sums[i])));
                if (Math.abs(sums[i]) <= Math.abs(expected[i]) / 2) {
                    assertThat(actual[i]).as("%s[%d]", name, i).isEqualTo(expected[i]);
                }
            }
        }
    }

    private static void requireUntouched(BaseModel base, PeftFolder peft, BaseModel again) {
        Set<String> names = new TreeSet<>(again.weights().shapes().keySet());
        base.layout(peft.settings()).targets().forEach(layer -> names.remove(layer.weight()));
        assertThat(names).isNotEmpty();
        for (String name : names) {
            assertThat(again.weights().floats(name))
                    .as(name)
                    .isEqualTo(base.weights().floats(name));
        }
    }

    private static Set<String> withoutSavedHead(BaseModel base, PeftFolder peft) {
        Set<String> names = new TreeSet<>(base.weights().shapes().keySet());
        peft.weights().names().stream()
                .filter(name -> !name.contains(".lora_"))
                .forEach(name -> names.remove(name.substring("base_model.model.".length())));
        return names;
    }

    private static PeftFolder peft(String adapter) throws IOException {
        return PeftFolder.read(Goldens.family(adapter));
    }

    private static Path family(String adapter) {
        return Goldens.family(adapter).getParent();
    }

    private static Path file(String adapter) {
        return Goldens.family(adapter).resolve("golden.safetensors");
    }
}
