package dev.espalier.lm.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.espalier.lm.Goldens;
import dev.espalier.lm.adapter.AdapterPart;
import dev.espalier.lm.adapter.AdapterSettings;
import dev.espalier.lm.adapter.TargetModules;
import dev.espalier.lm.adapter.TaskHead;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.family.AttentionBlock;
import dev.espalier.lm.family.AttentionKind;
import dev.espalier.lm.family.HeadMask;
import dev.espalier.lm.family.LinearLayer;
import dev.espalier.lm.family.ModelHeads;
import dev.espalier.lm.family.ModelStructure;
import dev.espalier.lm.family.t5.T5;
import dev.espalier.lm.weights.ModelConfig;
import dev.espalier.tensors.masked.IndexSet;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ModelCostTest {

    private static JsonNode vector(String name) {
        JsonNode file =
                JsonMapper.shared()
                        .readTree(
                                ModelCostTest.class.getResourceAsStream("/vectors/ops_count.json"));
        return file.path("cases")
                .valueStream()
                .filter(one -> one.path("name").stringValue().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void theToyBlockCostsWhatTheVectorSays() {
        JsonNode in = vector("toy_block").path("input");
        JsonNode expected = vector("toy_block").path("expected");
        ModelStructure toy =
                toy(in.path("d").intValue(), in.path("H").intValue(), in.path("dff").intValue());
        AdapterSettings adapter = adapter(in.path("r").intValue(), "q", "v");
        BatchShape batch = new BatchShape(1, in.path("L").intValue());
        ModelCost dense = ModelCost.of(ModelHeads.all(toy), adapter);
        ModelCost half = ModelCost.of(kept(toy, 1), adapter);

        compare(dense.of(batch), expected.path("dense"));
        compare(dense.withWholeOutput(batch), expected.path("dense"));
        compare(half.of(batch), expected.path("oneHeadKept"));
        compare(half.withWholeOutput(batch), expected.path("oneHeadKept_oDense"));
    }

    private static void compare(Macs macs, JsonNode expected) {
        assertThat(macs.linear()).isEqualTo(expected.path("linear").intValue());
        assertThat(macs.attention()).isEqualTo(expected.path("attention").intValue());
        assertThat(macs.lora()).isEqualTo(expected.path("lora").intValue());
        assertThat(macs.feedForward()).isEqualTo(expected.path("ffn").intValue());
        assertThat(macs.forward()).isEqualTo(expected.path("forward").intValue());
        assertThat(macs.training()).isEqualTo(expected.path("training").intValue());
        assertThat(macs.attentionTraining())
                .isEqualTo(expected.path("trainingAttentionOnly").intValue());
    }

    static Stream<JsonNode> rows() {
        return vector("t5_small_ratio_at_90pct").path("expected").path("rows").valueStream();
    }

    @ParameterizedTest
    @MethodSource("rows")
    void theRatiosOfT5SmallAreThoseOfTheVector(JsonNode row) {
        BatchShape batch = new BatchShape(1, row.path("L").intValue(), row.path("Ld").intValue());
        AdapterSettings adapter = adapter(row.path("r").intValue(), "q", "v");
        double density = vector("t5_small_ratio_at_90pct").path("input").path("rho").doubleValue();
        boolean wholeOutput = row.path("oProjectionKeptDense").booleanValue();

        compare(
                row,
                "wholeModelTraining",
                ratio(adapter, batch, density, wholeOutput, Macs::training));
        compare(
                row,
                "attentionOnlyTraining",
                ratio(adapter, batch, density, wholeOutput, Macs::attentionTraining));
        compare(
                row,
                "attentionOnlyForward",
                ratio(adapter, batch, density, wholeOutput, Macs::attentionForward));
    }

    private static void compare(JsonNode row, String figure, double actual) {
        assertThat(actual).as(figure).isCloseTo(row.path(figure).doubleValue(), within(1e-6));
    }

    /** The vector keeps 0.8 heads a block. Costs grow in a straight line, so two points tell. */
    private static double ratio(
            AdapterSettings adapter,
            BatchShape batch,
            double density,
            boolean wholeOutput,
            ToDoubleFunction<Macs> figure) {
        ModelStructure t5 = t5Small();
        double[] cost =
                IntStream.of(1, 2, 8)
                        .mapToObj(heads -> ModelCost.of(kept(t5, heads), adapter))
                        .map(one -> wholeOutput ? one.withWholeOutput(batch) : one.of(batch))
                        .mapToDouble(figure)
                        .toArray();
        double left = 8 * density;
        return cost[2] / (cost[0] + (left - 1) * (cost[1] - cost[0]));
    }

    @Test
    void sharedKeysAndValuesCostWhatIsLeftOfThem() throws IOException {
        try (BaseModel base = BaseModel.load(Goldens.bundled("llama"))) {
            ModelStructure llama = base.structure(); // 4 heads of 8 in pairs, 2 layers, 32 wide
            AdapterSettings adapter = adapter(2, "k_proj");
            BatchShape batch = new BatchShape(3, 5);
            boolean[] onePair = {true, true, false, false};
            boolean[] oneOfEach = {true, false, true, false};

            Macs pair = ModelCost.of(kept(llama, onePair, onePair), adapter).of(batch);
            Macs each = ModelCost.of(kept(llama, oneOfEach, oneOfEach), adapter).of(batch);

            // per token and layer: query and output 16 lanes, key and value 8 or 16
            assertThat(pair.linear()).isEqualTo(3 * 5 * 2 * 32 * (2 * 16 + 2 * 8));
            assertThat(each.linear()).isEqualTo(3 * 5 * 2 * 32 * (2 * 16 + 2 * 16));
            assertThat(pair.lora()).isEqualTo(3 * 5 * 2 * 2 * (32 + 8));
            assertThat(each.lora()).isEqualTo(3 * 5 * 2 * 2 * (32 + 16));
            assertThat(pair.attention()).isEqualTo(each.attention());
            assertThat(pair.attention()).isEqualTo(3 * 2 * 2 * 5 * 5 * 16);
            assertThat(pair.feedForward()).isEqualTo(3 * 5 * 2 * 3 * 32 * 72); // gated: three
        }
    }

    @Test
    void aBlockWithoutHeadsCostsNothingButAWholeOutput() throws IOException {
        try (BaseModel base = BaseModel.load(Goldens.bundled("opt"))) {
            ModelStructure opt = base.structure();
            AdapterSettings adapter = adapter(2, "q_proj", "out_proj", "fc1");
            ModelCost none = ModelCost.of(kept(opt, 0), adapter);
            BatchShape batch = new BatchShape(1, 7);

            assertThat(none.of(batch).attentionForward()).isZero();
            assertThat(none.withWholeOutput(batch).linear()).isEqualTo(2 * 7 * 32 * 32);
            assertThat(none.withWholeOutput(batch).lora()).isEqualTo(2 * 7 * 2 * 64);
            assertThat(none.of(batch).feedForwardLora()).isEqualTo(2 * 7 * 2 * (32 + 64));
            assertThat(none.of(batch).training())
                    .isEqualTo(2 * 2 * 7 * 2 * 32 * 64 + 3 * none.of(batch).feedForwardLora());
        }
    }

    @Test
    void aLayerThatMakesAllThreeIsCountedOnce() throws IOException {
        try (BaseModel base = BaseModel.load(Goldens.bundled("gpt2"))) {
            ModelCost cost = ModelCost.of(kept(base.structure(), 4), adapter(2, "c_attn"));
            Macs macs = cost.of(new BatchShape(1, 6));

            assertThat(macs.linear()).isEqualTo(2 * 6 * 4 * 32 * 32);
            assertThat(macs.lora()).isEqualTo(2 * 6 * 2 * (32 + 96));
        }
    }

    @Test
    void crossAttentionAsksTheSource() throws IOException {
        try (BaseModel base = BaseModel.load(Goldens.bundled("t5_gated"))) {
            ModelStructure t5 = base.structure(); // 2 and 3 layers, 3 heads of 8, 32 wide
            int inner = 24;
            int feed = t5.intermediate();
            Macs macs =
                    ModelCost.of(ModelHeads.all(t5), adapter(1, "k")).of(new BatchShape(1, 9, 4));

            long products = 2L * (2 * 9 * 9 + 3 * 4 * 4 + 3 * 4 * 9) * inner;
            assertThat(macs.attention()).isEqualTo(products);
            long tokens = 2 * 4 * 9 + 3 * 4 * 4 + 3 * (2 * 4 + 2 * 9); // q k v o of every block
            assertThat(macs.linear()).isEqualTo(tokens * 32 * inner);
            assertThat(macs.lora()).isEqualTo((2 * 9 + 3 * 4 + 3 * 9) * (32 + inner));
            assertThat(macs.feedForward()).isEqualTo((2L * 9 + 3 * 4) * 3 * 32 * feed);
        }
    }

    @Test
    void whatLiesBehindTheLastLayerIsNotCounted() throws IOException {
        try (BaseModel base = BaseModel.load(Goldens.bundled("bert"))) {
            Macs macs =
                    ModelCost.of(ModelHeads.all(base.structure()), adapter(2, "dense"))
                            .of(new BatchShape(2, 5));

            assertThat(macs.feedForward()).isEqualTo(2 * 5 * 2 * 2 * 32 * 64); // no pooler
            assertThat(macs.feedForwardLora()).isEqualTo(2 * 5 * 2 * 2 * 2 * (32 + 64));
            assertThat(macs.lora()).isEqualTo(2 * 5 * 2 * 2 * 64); // attention.output.dense
        }
    }

    @Test
    void aBatchIsAsManyTextsAsItHasAndAsLongAsItsLongest() throws IOException {
        try (BaseModel base = BaseModel.load(Goldens.bundled("roberta"))) {
            ModelCost cost = ModelCost.of(ModelHeads.all(base.structure()), adapter(2, "query"));

            assertThat(cost.of(new BatchShape(6, 5)))
                    .isEqualTo(cost.of(new BatchShape(1, 5)).times(6));
            assertThatThrownBy(() -> cost.of(new BatchShape(6, 5, 2)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("roberta");
        }
        assertThatThrownBy(() ->
                        ModelCost.of(kept(t5Small(), 1), adapter(1, "q")).of(new BatchShape(1, 5)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("t5");
        assertThatThrownBy(() -> new BatchShape(0, 5)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aRunSumsUpItsBatches() {
        ModelStructure t5 = t5Small();
        AdapterSettings adapter = adapter(8, "q", "v");
        ModelHeads few = kept(t5, 1);
        List<BatchShape> training =
                List.of(
                        new BatchShape(4, 30, 3),
                        new BatchShape(2, 64, 5),
                        new BatchShape(4, 30, 3));
        List<BatchShape> scoring = List.of(new BatchShape(8, 50, 4));

        RunCost run = RunCost.of(few, adapter, AdapterPart.whole(), steps(training), scoring);

        ModelCost pruned = ModelCost.of(few, adapter);
        Macs first = pruned.of(training.get(0));
        Macs second = pruned.of(training.get(1));
        assertThat(run.macs()).isEqualTo(2 * first.training() + second.training());
        assertThat(run.attentionMacs())
                .isEqualTo(2 * first.attentionTraining() + second.attentionTraining());
        assertThat(run.attentionMacsDenseOutput()).isGreaterThan(run.attentionMacs());
        assertThat(run.scoringMacs())
                .isEqualTo(ModelCost.of(ModelHeads.all(t5), adapter).of(scoring.get(0)).forward());
        assertThat(run.total()).isEqualTo(run.macs() + run.scoringMacs());
        assertThat(run.plus(run).macs()).isEqualTo(2 * run.macs());
    }

    /** Of 8 components 2 are trained: 3 passes for these, 2 for the others, as for the base. */
    @Test
    void frozenComponentsNeedNoGradientOfTheirOwnAndTruncatedOnesNothing() {
        ModelStructure t5 = t5Small();
        AdapterSettings adapter = adapter(8, "q", "v", "wi");
        ModelHeads heads = kept(t5, 2);
        BatchShape batch = new BatchShape(4, 30, 3);
        AdapterPart two = components(t5, adapter, 0, 5);
        Macs whole = ModelCost.of(heads, adapter).of(batch);
        Macs frozen = ModelCost.of(heads, adapter, two).of(batch);
        Macs truncated = ModelCost.of(heads, adapter.truncated(2)).of(batch);

        assertThat(frozen.forward()).isEqualTo(whole.forward());
        assertThat(frozen.lora() * 4).isEqualTo(whole.lora());
        assertThat(frozen.feedForwardLora() * 4).isEqualTo(whole.feedForwardLora());
        assertThat(whole.training() - frozen.training())
                .isEqualTo((whole.lora() + whole.feedForwardLora()) / 4 * 3);
        assertThat(truncated.lora()).isEqualTo(frozen.lora());
        assertThat(truncated.linear()).isEqualTo(whole.linear());
        assertThat(RunCost.of(heads, adapter, two, steps(List.of(batch)), List.of()).macs())
                .isEqualTo(frozen.training());
        assertThat(ModelCost.of(heads, adapter, components(t5, adapter, allOf(8))).of(batch))
                .isEqualTo(whole);
    }

    private static int[] allOf(int rank) {
        return IntStream.range(0, rank).toArray();
    }

    private static AdapterPart components(
            ModelStructure model, AdapterSettings adapter, int... chosen) {
        return AdapterPart.ofComponents(
                adapter.targets().of(model).stream()
                        .collect(
                                Collectors.toMap(
                                        LinearLayer::module, linear -> IndexSet.of(chosen))));
    }

    @Test
    void layersBelowTheLowestTrainedOneAreRunForwardOnly() {
        ModelStructure t5 = t5Small();
        AdapterSettings adapter = adapter(8, "q", "v");
        ModelHeads all = ModelHeads.all(t5);
        BatchShape batch = new BatchShape(4, 30, 3);
        ModelCost cost = ModelCost.of(all, adapter);
        List<String> lower = cost.layers().subList(0, cost.layers().size() - 1);
        List<String> last = List.of(cost.layers().getLast());

        RunCost run = RunCost.of(all, adapter, top(t5, adapter), steps(List.of(batch)), List.of());

        assertThat(run.macs())
                .isEqualTo(cost.of(batch, lower).forward() + cost.of(batch, last).training());
        assertThat(run.attentionMacs())
                .isEqualTo(
                        cost.of(batch, lower).attentionForward()
                                + cost.of(batch, last).attentionTraining());
        assertThat(run.scoringMacs()).isZero();
    }

    @Test
    void whatIsKeptOfTheFirstStackCountsOnceAndBeforeTraining() {
        ModelStructure t5 = t5Small();
        AdapterSettings adapter = adapter(8, "q", "v");
        ModelHeads all = ModelHeads.all(t5);
        BatchShape batch = new BatchShape(4, 30, 3);
        BatchShape text = new BatchShape(1, 30, 3);
        ModelCost cost = ModelCost.of(all, adapter);
        List<String> between = cost.layers().subList(6, cost.layers().size() - 1);
        List<String> last = List.of(cost.layers().getLast());
        RunBatches entered = new RunBatches(List.of(), List.of(batch, batch), List.of(text));

        RunCost run = RunCost.of(all, adapter, top(t5, adapter), entered, List.of());

        assertThat(run.macs())
                .isEqualTo(
                        2 * (cost.of(batch, between).forward() + cost.of(batch, last).training()));
        assertThat(run.scoringMacs()).isEqualTo(cost.of(text, cost.firstStack()).forward());
    }

    @Test
    void theLayersOfAModelAddUp() {
        ModelCost cost = ModelCost.of(kept(t5Small(), 3), adapter(8, "q", "v"));
        BatchShape batch = new BatchShape(4, 30, 3);

        assertThat(cost.layers()).hasSize(12);
        assertThat(cost.firstStack()).isEqualTo(cost.layers().subList(0, 6));
        assertThat(
                        cost.layers().stream()
                                .map(layer -> cost.of(batch, List.of(layer)))
                                .reduce(Macs.NONE, Macs::plus))
                .isEqualTo(cost.of(batch));
    }

    private static RunBatches steps(List<BatchShape> batches) {
        return new RunBatches(batches, List.of(), List.of());
    }

    /** Of the adapter what belongs to heads of the last block. */
    private static AdapterPart top(ModelStructure model, AdapterSettings adapter) {
        boolean[][] kept = HeadMask.all(model).toArray();
        for (int block = 0; block < kept.length - 1; block++) {
            Arrays.fill(kept[block], false);
        }
        return AdapterPart.ofHeads(ModelHeads.kept(model, HeadMask.of(kept)), adapter);
    }

    private static AdapterSettings adapter(int rank, String... targets) {
        return new AdapterSettings(rank, 8, 0, TargetModules.names(targets), TaskHead.frozen());
    }

    /** The first so many heads of every block. */
    private static ModelHeads kept(ModelStructure model, int heads) {
        boolean[][] kept =
                model.attention().stream()
                        .map(block -> {
                            boolean[] some = new boolean[block.heads()];
                            Arrays.fill(some, 0, heads, true);
                            return some;
                        })
                        .toArray(boolean[][]::new);
        return kept(model, kept);
    }

    private static ModelHeads kept(ModelStructure model, boolean[]... kept) {
        return ModelHeads.kept(model, HeadMask.of(kept));
    }

    private static ModelStructure t5Small() {
        return T5.of(
                        ModelConfig.parse(
                                "config.json",
                                """
                                {"vocab_size": 32128, "d_model": 512, "d_kv": 64, "d_ff": 2048,
                                 "num_layers": 6, "num_heads": 8, "decoder_start_token_id": 0}
                                """))
                .structure();
    }

    /** One layer: a block and a feed-forward sublayer. */
    private static ModelStructure toy(int hidden, int heads, int feed) {
        String l = "layer.0.";
        AttentionBlock block =
                new AttentionBlock(
                        AttentionKind.ENCODER,
                        l + "attention",
                        heads,
                        heads,
                        hidden / heads,
                        l + "q",
                        l + "k",
                        l + "v",
                        l + "o");
        List<LinearLayer> linears =
                List.of(
                        new LinearLayer(l + "q", hidden, hidden),
                        new LinearLayer(l + "k", hidden, hidden),
                        new LinearLayer(l + "v", hidden, hidden),
                        new LinearLayer(l + "o", hidden, hidden),
                        new LinearLayer(l + "up", hidden, feed),
                        new LinearLayer(l + "down", feed, hidden));
        return new ModelStructure(
                "toy",
                1,
                hidden,
                heads,
                hidden / heads,
                feed,
                10,
                10,
                0,
                linears,
                List.of(block),
                "head",
                List.of(),
                List.of(),
                List.of("q", "v"),
                0.02);
    }
}
