package dev.espalier.protocol.update;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.espalier.protocol.job.AdapterSpec;
import dev.espalier.protocol.job.TaskSpec;
import dev.espalier.protocol.model.ModelStructure;
import dev.espalier.protocol.model.ModelStructure.AttentionBlock;
import dev.espalier.protocol.model.ModelStructure.Linear;
import dev.espalier.protocol.update.AdapterLayout.Part;
import dev.espalier.protocol.update.AdapterTensor.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AdapterLayoutTest {

    private static final TaskSpec SPAM = TaskSpec.classification(List.of("ham", "spam"), 64);

    @Test
    void theDenseBytesOfT5SmallAreThoseOfTheSpecification() {
        AdapterLayout layout = AdapterLayout.of(t5Small(), adapter(8, "q", "v"), SPAM);

        assertThat(layout.tensors()).hasSize(72); // A and B of 36 modules (algorithms.md section 1)
        assertThat(layout.denseBytes() - layout.taskHeadBytes()).isEqualTo(1_179_648);
    }

    @Test
    void aHeadOwnsRowsOfBOnTheQuery() {
        AdapterLayout layout = AdapterLayout.of(tiny(), adapter(2, "q", "o"), SPAM);
        Scope scope = new Scope(Map.of("0.attention", List.of(1)), null);

        assertThat(layout.part(tensor(layout, "q", Kind.LORA_B), scope))
                .isEqualTo(new Part(List.of(2, 3), null));
        assertThat(layout.part(tensor(layout, "q", Kind.LORA_A), scope).isWhole()).isTrue();
    }

    @Test
    void aHeadOwnsColumnsOfAOnTheOutput() {
        AdapterLayout layout = AdapterLayout.of(tiny(), adapter(2, "q", "o"), SPAM);
        Scope scope = new Scope(Map.of("0.attention", List.of(0)), null);

        assertThat(layout.part(tensor(layout, "o", Kind.LORA_A), scope))
                .isEqualTo(new Part(null, List.of(0, 1)));
        assertThat(layout.part(tensor(layout, "o", Kind.LORA_B), scope).isWhole()).isTrue();
    }

    @Test
    void aModuleWithoutAnyHeadIsNotUploaded() {
        AdapterLayout layout = AdapterLayout.of(tiny(), adapter(2, "q"), SPAM);
        Scope scope = new Scope(Map.of("0.attention", List.of()), null);

        assertThat(layout.part(tensor(layout, "q", Kind.LORA_A), scope).isEmpty()).isTrue();
        assertThat(layout.part(tensor(layout, "q", Kind.LORA_B), scope).isEmpty()).isTrue();
    }

    @Test
    void aComponentIsARowOfAAndAColumnOfB() {
        AdapterLayout layout = AdapterLayout.of(tiny(), adapter(2, "q"), SPAM);
        Scope scope = new Scope(Map.of("0.attention", List.of(1)), Map.of("0.q", List.of(1)));

        assertThat(layout.part(tensor(layout, "q", Kind.LORA_A), scope))
                .isEqualTo(new Part(List.of(1), null));
        assertThat(layout.part(tensor(layout, "q", Kind.LORA_B), scope))
                .isEqualTo(new Part(List.of(2, 3), List.of(1)));
    }

    @Test
    void theTaskHeadHasOneOutputPerLabelAndIsAlwaysWhole() {
        AdapterLayout layout = AdapterLayout.of(tiny(), adapter(2, "q"), SPAM);
        AdapterTensor weight = layout.tensor("base_model.model.classifier.weight").orElseThrow();

        assertThat(weight.shape()).containsExactly(2, 4);
        assertThat(layout.part(weight, new Scope(Map.of("0.attention", List.of()), null)).isWhole())
                .isTrue();
    }

    @Test
    void headsThatShareKeysKeepThemWhileOneOfThemIsKept() {
        AdapterLayout layout = AdapterLayout.of(grouped(), adapter(2, "q", "v"), SPAM);
        Scope scope = new Scope(Map.of("0.attention", List.of(1, 2, 3)), null);

        assertThat(layout.part(tensor(layout, "q", Kind.LORA_B), scope).rows())
                .containsExactly(2, 3, 4, 5, 6, 7);
        assertThat(layout.part(tensor(layout, "v", Kind.LORA_B), scope).rows())
                .containsExactly(0, 1, 2, 3);
        HeadAxis values = layout.headAxis(tensor(layout, "v", Kind.LORA_B)).orElseThrow();
        assertThat(values.headsOf(2)).containsExactly(2, 3);
        assertThat(values.indicesOf(List.of(3))).containsExactly(2, 3);
    }

    @Test
    void aFusedLayerHasThreeSlicesOfEveryHead() {
        AdapterLayout layout = AdapterLayout.of(fused(), adapter(2, "c"), SPAM);
        Scope scope = new Scope(Map.of("0.attention", List.of(1)), null);

        assertThat(layout.part(tensor(layout, "c", Kind.LORA_B), scope).rows())
                .containsExactly(2, 3, 6, 7, 10, 11);
        HeadAxis axis = layout.headAxis(tensor(layout, "c", Kind.LORA_B)).orElseThrow();
        assertThat(axis.headsOf(9)).containsExactly(0);
        assertThat(axis.headsOf(10)).containsExactly(1);
    }

    @Test
    void theFactorOfAllHeadsHasNoHeadAxis() {
        AdapterLayout layout = AdapterLayout.of(tiny(), adapter(2, "q", "o"), SPAM);

        assertThat(layout.headAxis(tensor(layout, "q", Kind.LORA_A))).isEmpty();
        assertThat(layout.headAxis(tensor(layout, "o", Kind.LORA_B))).isEmpty();
        assertThat(layout.headAxis(tensor(layout, "o", Kind.LORA_A)).orElseThrow().axis())
                .isEqualTo(HeadAxis.Axis.COLUMNS);
    }

    @Test
    void aTargetThatNamesNothingIsRefused() {
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> AdapterLayout.of(tiny(), adapter(2, "query"), SPAM))
                .withMessageContaining("'query'");
    }

    @Test
    void aTargetMatchesWholeNamesOnlyAfterADot() {
        assertThat(tiny().targets("q")).extracting(Linear::name).containsExactly("0.q");
        assertThat(tiny().targets("0.q")).hasSize(1);
        assertThat(tiny().targets("")).isEmpty();
    }

    private static AdapterTensor tensor(AdapterLayout layout, String module, Kind kind) {
        return layout.tensors().stream()
                .filter(tensor -> tensor.module().equals("0." + module) && tensor.kind() == kind)
                .findFirst()
                .orElseThrow();
    }

    private static AdapterSpec adapter(int rank, String... targets) {
        return new AdapterSpec(rank, null, null, List.of(targets));
    }

    /** Two heads of width 2 in one layer of width 4. */
    private static ModelStructure tiny() {
        List<Linear> linears =
                List.of(
                        new Linear("0.q", 4, 4, true),
                        new Linear("0.k", 4, 4, true),
                        new Linear("0.v", 4, 4, true),
                        new Linear("0.o", 4, 4, true));
        AttentionBlock block =
                new AttentionBlock("0.attention", 2, 2, 2, "0.q", "0.k", "0.v", "0.o");
        Linear classifier = new Linear("classifier", 4, 0, true);
        return new ModelStructure(
                "bert",
                1,
                4,
                16,
                10,
                100,
                linears,
                List.of(block),
                List.of(classifier),
                List.of("q", "v"));
    }

    /** Four heads of width 2, two and two of which share keys and values. */
    private static ModelStructure grouped() {
        List<Linear> linears =
                List.of(
                        new Linear("0.q", 8, 8, false),
                        new Linear("0.k", 8, 4, false),
                        new Linear("0.v", 8, 4, false),
                        new Linear("0.o", 8, 8, false));
        return structure(
                linears, new AttentionBlock("0.attention", 4, 2, 2, "0.q", "0.k", "0.v", "0.o"));
    }

    /** Two heads of width 2 whose query, key and value come from one layer. */
    private static ModelStructure fused() {
        List<Linear> linears =
                List.of(new Linear("0.c", 4, 12, true), new Linear("0.o", 4, 4, true));
        return structure(
                linears, new AttentionBlock("0.attention", 2, 2, 2, "0.c", "0.c", "0.c", "0.o"));
    }

    private static ModelStructure structure(List<Linear> linears, AttentionBlock block) {
        return new ModelStructure(
                "gpt2",
                1,
                linears.getFirst().in(),
                16,
                10,
                100,
                linears,
                List.of(block),
                List.of(),
                List.of());
    }

    /** 18 attention blocks of eight heads of width 64. */
    private static ModelStructure t5Small() {
        List<Linear> linears = new ArrayList<>();
        List<AttentionBlock> blocks = new ArrayList<>();
        for (int block = 0; block < 18; block++) {
            for (String name : List.of("q", "k", "v", "o")) {
                linears.add(new Linear(block + "." + name, 512, 512, false));
            }
            String at = block + ".";
            blocks.add(
                    new AttentionBlock(
                            at + "attention", 8, 8, 64, at + "q", at + "k", at + "v", at + "o"));
        }
        return new ModelStructure(
                "t5",
                12,
                512,
                512,
                32_128,
                60_506_624,
                linears,
                blocks,
                List.of(),
                List.of("q", "v"));
    }
}
