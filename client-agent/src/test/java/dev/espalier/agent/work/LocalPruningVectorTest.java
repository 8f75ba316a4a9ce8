package dev.espalier.agent.work;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.espalier.agent.TinyFederation;
import dev.espalier.agent.model.Versions;
import dev.espalier.agent.upload.MemoryAggregation;
import dev.espalier.protocol.AssignmentId;
import dev.espalier.protocol.DataName;
import dev.espalier.protocol.JobId;
import dev.espalier.protocol.RoundId;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.job.TaskSpec;
import dev.espalier.protocol.job.WeightPruningSpec;
import dev.espalier.protocol.job.WeightPruningSpec.CutRule;
import dev.espalier.protocol.job.WeightPruningSpec.Pruner;
import dev.espalier.protocol.work.Assignment;
import dev.espalier.protocol.work.Outcome;
import dev.espalier.protocol.work.PrunePlan;
import dev.espalier.tensors.Shape;
import dev.espalier.tensors.masked.MaskedTensor;
import dev.espalier.tensors.masked.UpdateFile;
import dev.espalier.tensors.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The published cases {@code local_pruning} from assignment to update: their matrix is the keys'
 * projection of a tiny LLaMA, their inputs are what its embeddings and its first norm make of a
 * text. The norm scales every token, so inputs are the case's up to a factor, which changes nothing
 * that a pruner decides. The case of a Hessian alone has no matrix to prune.
 */
class LocalPruningVectorTest {

    private static final VersionRef BASE = VersionRef.parse("vector@1");
    private static final String KEYS = "model.layers.0.self_attn.k_proj.weight";

    @TempDir private Path folder;

    private final MemoryAggregation aggregation = new MemoryAggregation();
    private TestBench bench;
    private UpdateFile handedIn;

    @BeforeEach
    void settle() throws IOException {
        bench = new TestBench(folder);
    }

    @AfterEach
    void leave() {
        handedIn.close();
        bench.close();
    }

    @Test
    void magnitudeDropsTheSmallest() throws Exception {
        JsonNode test = vector("magnitude_exact");

        MaskedTensor sent =
                pruned(test, Pruner.MAGNITUDE, CutRule.EXACT, "a a", new float[][] {{1, 1}});

        assertMask(sent, test.path("expected").path("mask"));
    }

    @Test
    void wandaComparesWithinEachRow() throws Exception {
        JsonNode test = vector("wanda_per_row");
        float[] norms = row(test.path("expected").path("columnNorms"));

        MaskedTensor sent =
                pruned(test, Pruner.WANDA, CutRule.EXACT, "a a a", new float[][] {norms});

        assertMask(sent, test.path("expected").path("mask"));
    }

    /** Of these four tokens, scaled to one length, the sum of products is H up to a factor. */
    @ParameterizedTest
    @EnumSource
    void sparseGptLetsTheOthersMakeUpForWhatIsDropped(CutRule rule) throws Exception {
        JsonNode test = vector("sparsegpt_2x2");
        JsonNode expected = test.path("expected");
        boolean exact = rule == CutRule.EXACT;

        MaskedTensor sent =
                pruned(
                        test,
                        Pruner.SPARSE_GPT,
                        rule,
                        "a a b c",
                        new float[][] {{1, 1}, {1, 0}, {0, 1}});

        assertMask(sent, expected.path(exact ? "exactMask" : "referenceMask"));
        float[] wanted = matrix(expected.path(exact ? "W_exact" : "W_reference"));
        float[] kept = new float[(int) sent.valueCount()];
        sent.readValues(0, kept, 0, kept.length);
        int[] places = IntStream.range(0, wanted.length).filter(sent::contributes).toArray();
        for (int i = 0; i < places.length; i++) {
            assertThat(kept[i]).isCloseTo(wanted[places[i]], within(1e-5f));
        }
    }

    /**
     * @param embeddings of the tokens a, b and c
     */
    private MaskedTensor pruned(
            JsonNode test, Pruner pruner, CutRule rule, String text, float[][] embeddings)
            throws Exception {
        JsonNode w = test.path("input").path("W");
        Shape shape = Shape.of(w.size(), w.get(0).size());
        Path model = model(shape, matrix(w), embeddings);
        bench.publish(Versions.base(BASE, model), model);
        Path data = Files.writeString(folder.resolve("text.tsv"), "text\n" + text + "\n");
        bench.read(data, "task", "CAUSAL_LANGUAGE_MODELLING");
        Assignment.Prune prune = prune(test, pruner, rule, text.split(" ").length);

        assertThat(
                        bench.agent(folder.resolve("home"), () -> 0, aggregation)
                                .perform(prune, new StillHeart()))
                .get()
                .isInstanceOf(Outcome.Pruned.class);
        byte[] update = aggregation.update(prune.round(), TestBench.ADA);
        handedIn = UpdateFile.open(Files.write(folder.resolve("update"), update));
        return handedIn.tensor(KEYS, shape);
    }

    private static Assignment.Prune prune(JsonNode test, Pruner pruner, CutRule rule, int tokens) {
        BigDecimal sparsity = test.path("input").path("sparsity").decimalValue();
        WeightPruningSpec spec =
                new WeightPruningSpec(sparsity, null, null, pruner, rule, 1, 1e-9, null);
        return new Assignment.Prune(
                new AssignmentId(new UUID(1, 1)),
                new JobId(new UUID(2, 0)),
                new RoundId(new UUID(3, 1)),
                1,
                new DataName("mail"),
                TaskSpec.languageModelling(tokens),
                BASE,
                new PrunePlan(List.of(0), sparsity, spec),
                1,
                TinyFederation.TOKEN,
                Instant.parse("2099-01-01T00:00:00Z"));
    }

    /** One layer; heads are two wide and share what the matrix makes. */
    private Path model(Shape keys, float[] w, float[][] embeddings) throws IOException {
        int hidden = (int) keys.dimension(1);
        Path model = Files.createDirectories(folder.resolve("model"));
        Files.writeString(
                model.resolve("config.json"),
                """
                {"model_type": "llama", "architectures": ["LlamaForCausalLM"],
                 "vocab_size": %d, "hidden_size": %d, "num_hidden_layers": 1,
                 "num_attention_heads": %d, "num_key_value_heads": 1, "intermediate_size": 2,
                 "hidden_act": "silu", "max_position_embeddings": 8, "rms_norm_eps": 1e-12,
                 "tie_word_embeddings": true}
                """
                        .formatted(embeddings.length + 1, hidden, hidden / 2));
        Files.writeString(
                model.resolve("tokenizer.json"),
                """
                {"version": "1.0", "added_tokens": [], "normalizer": null,
                 "pre_tokenizer": {"type": "WhitespaceSplit"},
                 "post_processor": null, "decoder": null,
                 "model": {"type": "WordLevel", "unk_token": "<unk>", "vocab": {%s}}}
                """
                        .formatted(
                                List.of("\"<unk>\": 0", "\"a\": 1", "\"b\": 2", "\"c\": 3")
                                        .subList(0, embeddings.length + 1)
                                        .toString()
                                        .replaceAll("[\\[\\]]", "")));
        weights(keys, w, embeddings).write(model.resolve("model.safetensors"));
        return model;
    }

    private static SafetensorsWriter weights(Shape keys, float[] w, float[][] embeddings) {
        int hidden = (int) keys.dimension(1);
        float[] tokens = new float[(embeddings.length + 1) * hidden];
        for (int i = 0; i < embeddings.length; i++) {
            System.arraycopy(embeddings[i], 0, tokens, (i + 1) * hidden, hidden);
        }
        String layer = "model.layers.0.";
        SafetensorsWriter writer =
                new SafetensorsWriter()
                        .floats(
                                "model.embed_tokens.weight",
                                Shape.of(embeddings.length + 1, hidden),
                                tokens)
                        .floats(KEYS, keys, w);
        for (String norm :
                List.of(
                        "model.norm",
                        layer + "input_layernorm",
                        layer + "post_attention_layernorm")) {
            ones(writer, norm, Shape.of(hidden));
        }
        ones(writer, layer + "self_attn.q_proj", Shape.of(hidden, hidden));
        ones(writer, layer + "self_attn.v_proj", keys);
        ones(writer, layer + "self_attn.o_proj", Shape.of(hidden, hidden));
        ones(writer, layer + "mlp.gate_proj", Shape.of(2, hidden));
        ones(writer, layer + "mlp.up_proj", Shape.of(2, hidden));
        ones(writer, layer + "mlp.down_proj", Shape.of(hidden, 2));
        return writer;
    }

    private static void ones(SafetensorsWriter writer, String module, Shape shape) {
        float[] ones = new float[(int) shape.elements()];
        Arrays.fill(ones, 1);
        writer.floats(module + ".weight", shape, ones);
    }

    private static void assertMask(MaskedTensor sent, JsonNode mask) {
        float[] wanted = matrix(mask);
        for (int i = 0; i < wanted.length; i++) {
            assertThat(sent.contributes(i)).as("element %d", i).isEqualTo(wanted[i] == 1);
        }
    }

    private static JsonNode vector(String name) {
        return JsonMapper.shared()
                .readTree(
                        LocalPruningVectorTest.class.getResourceAsStream(
                                "/vectors/local_pruning.json"))
                .path("cases")
                .valueStream()
                .filter(test -> test.path("name").stringValue().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** Row by row. */
    private static float[] matrix(JsonNode rows) {
        float[] all = new float[rows.size() * rows.get(0).size()];
        int next = 0;
        for (JsonNode row : rows) {
            for (JsonNode value : row) {
                all[next++] = value.floatValue();
            }
        }
        return all;
    }

    private static float[] row(JsonNode values) {
        float[] row = new float[values.size()];
        for (int i = 0; i < row.length; i++) {
            row[i] = values.get(i).floatValue();
        }
        return row;
    }
}
