package dev.espalier.lm.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import dev.espalier.lm.adapter.TargetModules;
import dev.espalier.lm.compute.Dropout;
import dev.espalier.lm.compute.Gradients;
import dev.espalier.lm.compute.Workspace;
import dev.espalier.lm.family.AttentionBlock;
import dev.espalier.lm.family.CausalLanguageModel;
import dev.espalier.lm.family.Forward;
import dev.espalier.lm.family.ForwardObserver;
import dev.espalier.lm.family.HeadGates;
import dev.espalier.lm.family.HeadMask;
import dev.espalier.lm.family.LinearLayer;
import dev.espalier.lm.family.Linears;
import dev.espalier.lm.family.ModelStructure;
import dev.espalier.lm.family.SequenceClassifier;
import dev.espalier.lm.family.TextToTextModel;
import dev.espalier.lm.family.TokenBatch;
import dev.espalier.lm.tokens.TokenSequence;
import dev.espalier.tensors.Shape;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What every {@link dev.espalier.lm.family.ModelFamily} promises, on a small model that is whole.
 */
abstract class ModelFamilyContract {

    private static final TokenSequence SHORT = text(7, 3);
    private static final TokenSequence LONG = text(9, 8);

    private BaseModel base;
    private ModelStructure structure;

    abstract Path smallModel();

    @BeforeEach
    void load() throws IOException {
        base = BaseModel.load(smallModel());
        structure = base.structure();
    }

    @AfterEach
    void close() {
        base.close();
    }

    @Test
    void everyLinearLayerIsATensorOfItsShape() {
        Map<String, Shape> tensors = base.family().tensors();

        for (LinearLayer linear : structure.linears()) {
            assertThat(tensors).containsEntry(linear.weight(), linear.weightShape());
            assertThat(tensors.containsKey(linear.bias())).isEqualTo(linear.biased());
        }
    }

    @Test
    void layersDivideTheLinearLayersInTheOrderOfTheForwardPass() {
        List<String> names = base.family().layerNames();
        assertThat(names).hasSize(structure.layers()).doesNotHaveDuplicates();
        assertThat(names.subList(0, base.family().firstStack()))
                .isEqualTo(
                        IntStream.range(0, base.family().firstStack())
                                .mapToObj(base.family()::layerName)
                                .toList());

        List<LinearLayer> inside =
                IntStream.range(0, names.size())
                        .boxed()
                        .flatMap(layer -> base.family().layerLinears(layer).stream())
                        .toList();
        List<LinearLayer> outside = new ArrayList<>(structure.linears());
        outside.removeAll(inside);
        assertThat(structure.linears()).startsWith(inside.toArray(LinearLayer[]::new));
        assertThat(outside)
                .extracting(LinearLayer::module)
                .isSubsetOf("lm_head", "bert.pooler.dense");
        assertThat(structure.attention())
                .allMatch(block -> inside.contains(structure.linear(block.output())));
    }

    @Test
    void everyAttentionBlockIsMadeOfLinearLayers() {
        Set<String> modules =
                structure.linears().stream().map(LinearLayer::module).collect(Collectors.toSet());

        for (AttentionBlock block : structure.attention()) {
            assertThat(modules).contains(block.query(), block.key(), block.value(), block.output());
            assertThat(block.heads() * block.headSize()).isEqualTo(linear(block.output()).in());
            assertThat(block.heads() % block.keyValueHeads()).isZero();
            int rows = (block.heads() + 2 * block.keyValueHeads()) * block.headSize();
            assertThat(
                            Stream.of(block.query(), block.key(), block.value())
                                    .distinct()
                                    .mapToInt(module -> linear(module).out())
                                    .sum())
                    .isEqualTo(rows);
        }
    }

    @Test
    void parametersAreTheNumbersInItsTensors() {
        assertThat(base.family().tensors().values().stream().mapToLong(Shape::elements).sum())
                .isEqualTo(structure.parameters());
    }

    @Test
    void canonicalNamesStayWhatTheyAre() {
        for (String name : base.family().tensors().keySet()) {
            assertThat(base.family().canonicalName(name)).isEqualTo(name);
        }
    }

    @Test
    void everyLinearLayerAndTheHeadTakePartInTheForwardPass() {
        Set<String> asked = new HashSet<>();
        Linears frozen = frozen();
        logits(
                List.of(SHORT),
                (module, x) -> {
                    asked.add(module);
                    return frozen.apply(module, x);
                },
                null);

        assertThat(asked)
                .containsAll(structure.linears().stream().map(LinearLayer::module).toList())
                .containsAll(
                        structure.taskHeadLinears().stream().map(LinearLayer::module).toList());
    }

    @Test
    void whatPeftAdaptsByDefaultIsThere() {
        assertThat(TargetModules.usual(structure).of(structure))
                .hasSizeGreaterThanOrEqualTo(structure.layers());
    }

    @Test
    void whatElseIsInTheBatchDoesNotMatter() {
        float[] together = logits(List.of(SHORT, LONG));

        float[] alone = logits(List.of(SHORT));
        assertThat(Arrays.copyOf(together, alone.length)).containsExactly(alone, within(1e-5f));
    }

    @Test
    void anObserverSeesEveryLayerAndChangesNothing() {
        Encoder.States states =
                new Encoder.States(List.of(LONG), structure.hidden(), structure.heads());

        float[] seen = logits(List.of(LONG), frozen(), states);

        int embeddings = base.family() instanceof TextToTextModel ? 2 : 1;
        assertThat(states.layers()).isEqualTo(structure.layers() + embeddings);
        assertThat(seen).containsExactly(logits(List.of(LONG)), within(1e-5f));
    }

    @Test
    void removingNoHeadChangesNoBit() {
        try (BaseModel left = base.keeping(HeadMask.all(structure))) {
            assertThat(left.structure()).isEqualTo(structure);
            assertThat(logits(left, List.of(SHORT, LONG))).isEqualTo(logits(List.of(SHORT, LONG)));
        }
    }

    /** Every block once without any heads, then with its last head alone. */
    @Test
    void removedHeadsAreHeadsThatGiveNothing() {
        for (int block = 0; block < structure.attention().size(); block++) {
            HeadMask none = onlyIn(block, head -> false);
            int last = structure.attention().get(block).heads() - 1;
            assertRemovedIsMasked(none);
            assertRemovedIsMasked(onlyIn(block, head -> head == last));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void anyHeadsMayBeRemoved(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        HeadMask mask = mask((block, head) -> random.nextInt(3) == 0);

        assertRemovedIsMasked(mask);
    }

    @Test
    void aModelWithoutHeadsStillComputes() {
        assertRemovedIsMasked(mask((block, head) -> false));
    }

    private void assertRemovedIsMasked(HeadMask mask) {
        List<TokenSequence> texts = List.of(SHORT, LONG);
        float[] masked = gated(texts, mask);
        try (BaseModel left = base.keeping(mask)) {
            assertThat(logits(left, texts)).as("%s", mask).containsExactly(masked, within(1e-5f));
        }
        assertThat(gated(texts, HeadMask.all(structure))).isEqualTo(logits(texts));
    }

    private float[] gated(List<TokenSequence> texts, HeadMask mask) {
        try (NDManager manager = base.weights().manager().newSubManager()) {
            HeadGates gates = HeadGates.of(structure, mask, manager, base.weights().precision());
            return logits(base, texts, gates.before(frozen()), null);
        }
    }

    @Test
    void whatIsLeftAfterRemovalFitsTogether() {
        HeadMask mask = mask((block, head) -> block > 0 && head % 2 == 1);
        try (BaseModel left = base.keeping(mask)) {
            ModelStructure smaller = left.structure();
            Map<String, Shape> tensors = left.family().tensors();
            for (LinearLayer linear : smaller.linears()) {
                assertThat(tensors).containsEntry(linear.weight(), linear.weightShape());
            }
            assertThat(left.weights().shapes()).containsAllEntriesOf(tensors);
            assertThat(tensors.values().stream().mapToLong(Shape::elements).sum())
                    .isEqualTo(smaller.parameters());
            assertThat(smaller.attention()).hasSameSizeAs(structure.attention());
            for (int b = 0; b < mask.blocks(); b++) {
                assertThat(smaller.attention().get(b).heads()).isEqualTo(mask.kept(b));
            }
            assertThat(left.heads().mask()).isEqualTo(mask);
        }
    }

    @Test
    void ofABlockWithoutHeadsNothingIsComputed() {
        AttentionBlock first = structure.attention().getFirst();
        Set<String> asked = new HashSet<>();
        try (BaseModel left = base.keeping(onlyIn(0, head -> false))) {
            Linears smaller = Linears.frozen(left.weights(), left.structure());
            logits(
                    left,
                    List.of(SHORT),
                    (module, x) -> {
                        asked.add(module);
                        return smaller.apply(module, x);
                    },
                    null);
        }

        assertThat(asked)
                .doesNotContain(first.query(), first.key(), first.value(), first.output())
                .contains(structure.attention().getLast().query());
    }

    @Test
    void whatIsGoneHasNoValuesAnyMore() {
        String gone = structure.attention().getFirst().query() + ".weight";
        assertThat(base.weights().floats(gone)).isNotEmpty();
        try (BaseModel left = base.keeping(onlyIn(0, head -> false))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> left.weights().floats(gone))
                    .withMessageContaining(gone);
            for (String name : left.weights().shapes().keySet()) {
                long elements = left.weights().shapes().get(name).elements();
                assertThat((long) left.weights().floats(name).length).isEqualTo(elements);
            }
        }
    }

    @Test
    void aMaskOfAnotherModelIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> base.keeping(HeadMask.of(new boolean[3], new boolean[5])));
    }

    @Test
    void headsAreRemovedFromTheWholeModelOnly() {
        try (BaseModel left = base.keeping(HeadMask.all(structure))) {
            assertThatIllegalStateException()
                    .isThrownBy(() -> left.keeping(HeadMask.all(structure)));
        }
    }

    @Test
    void removedHeadsLeaveNothingBehindInTheEngine() {
        int before = base.weights().manager().getManagedArrays().size();
        for (int n = 0; n < 20; n++) {
            base.keeping(onlyIn(0, head -> head == 0)).close();
        }

        assertThat(base.weights().manager().getManagedArrays()).hasSize(before);
    }

    /** All heads of the other blocks. */
    private HeadMask onlyIn(int block, IntPredicate kept) {
        return mask((b, head) -> b != block || kept.test(head));
    }

    private interface Kept {
        boolean test(int block, int head);
    }

    private HeadMask mask(Kept kept) {
        boolean[][] mask = HeadMask.all(structure).toArray();
        for (int b = 0; b < mask.length; b++) {
            for (int h = 0; h < mask[b].length; h++) {
                mask[b][h] = kept.test(b, h);
            }
        }
        return HeadMask.of(mask);
    }

    private Linears frozen() {
        return Linears.frozen(base.weights(), structure);
    }

    private float[] logits(List<TokenSequence> texts) {
        return logits(texts, frozen(), null);
    }

    private static float[] logits(BaseModel model, List<TokenSequence> texts) {
        Linears plain = Linears.frozen(model.weights(), model.structure());
        return logits(model, texts, plain, null);
    }

    private float[] logits(
            List<TokenSequence> texts, Linears linears, @Nullable ForwardObserver observer) {
        return logits(base, texts, linears, observer);
    }

    private static float[] logits(
            BaseModel base,
            List<TokenSequence> texts,
            Linears linears,
            @Nullable ForwardObserver observer) {
        try (Gradients _ = Gradients.off();
                Workspace workspace = new Workspace(base.weights().manager())) {
            TokenBatch batch = TokenBatch.of(texts, workspace, base.weights().precision());
            Forward pass = new Forward(workspace, base.weights(), linears, Dropout.NONE, observer);
            return switch (base.family()) {
                case SequenceClassifier model -> model.classify(pass, batch).toFloatArray();
                case CausalLanguageModel model ->
                        model.logits(pass, model.states(pass, batch)).toFloatArray();
                case TextToTextModel model ->
                        model.logits(pass, model.decode(pass, model.encode(pass, batch), batch))
                                .toFloatArray();
            };
        }
    }

    private LinearLayer linear(String module) {
        return structure.linears().stream()
                .filter(l -> l.module().equals(module))
                .findFirst()
                .orElseThrow();
    }

    private static TokenSequence text(int first, int length) {
        int[] ids = new int[length];
        for (int i = 0; i < length; i++) {
            ids[i] = first + 3 * i;
        }
        return new TokenSequence(ids, new int[length]);
    }
}
