package dev.espalier.local.federation;

import dev.espalier.tensors.Shape;
import dev.espalier.tensors.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A Hugging Face folder with a real LLaMA of two small layers, whose four query heads share two of
 * keys and values and whose embeddings are tied to its head, and stories in its few words.
 */
final class TinyLlama {

    private static final List<String> WHO = List.of("dog", "cat", "bird", "fox");
    private static final List<String> DOES = List.of("runs", "sleeps", "sings", "hides");
    private static final List<String> WHERE = List.of("home", "away", "outside", "below");

    private static final int HIDDEN = 16;
    private static final int SHARED = HIDDEN / 2;
    private static final int INNER = 32;
    private static final int LAYERS = 2;

    private final Random chance = new Random(7);
    private final SafetensorsWriter weights = new SafetensorsWriter().metadata("format", "pt");

    private TinyLlama() {}

    /** The same bytes every time. */
    static Path write(Path folder) throws IOException {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("config.json"), config());
        Files.writeString(folder.resolve("tokenizer.json"), tokenizer());
        TinyLlama llama = new TinyLlama();
        llama.fill();
        llama.weights.write(folder.resolve("model.safetensors"));
        return folder;
    }

    /** Texts in which who it is tells what it does and where. */
    static List<String> stories(int stories, long seed) {
        Random any = new Random(seed);
        List<String> texts = new ArrayList<>();
        for (int story = 0; story < stories; story++) {
            texts.add(
                    any.ints(3, 0, WHO.size())
                            .mapToObj(i ->
                                    "the %s %s %s ."
                                            .formatted(WHO.get(i), DOES.get(i), WHERE.get(i)))
                            .collect(Collectors.joining(" ")));
        }
        return texts;
    }

    /** As JSON Lines. */
    static Path jsonLines(Path file, List<String> texts) throws IOException {
        Files.createDirectories(file.getParent());
        return Files.write(
                file, texts.stream().map(text -> "{\"text\": \"%s\"}".formatted(text)).toList());
    }

    private static List<String> vocabulary() {
        List<String> words = new ArrayList<>(List.of("<unk>", "<s>", "</s>", "the", "."));
        words.addAll(WHO);
        words.addAll(DOES);
        words.addAll(WHERE);
        return words;
    }

    private void fill() {
        matrix("model.embed_tokens.weight", vocabulary().size(), HIDDEN);
        for (int layer = 0; layer < LAYERS; layer++) {
            String block = "model.layers." + layer + ".";
            matrix(block + "self_attn.q_proj.weight", HIDDEN, HIDDEN);
            matrix(block + "self_attn.k_proj.weight", SHARED, HIDDEN);
            matrix(block + "self_attn.v_proj.weight", SHARED, HIDDEN);
            matrix(block + "self_attn.o_proj.weight", HIDDEN, HIDDEN);
            matrix(block + "mlp.gate_proj.weight", INNER, HIDDEN);
            matrix(block + "mlp.up_proj.weight", INNER, HIDDEN);
            matrix(block + "mlp.down_proj.weight", HIDDEN, INNER);
            ones(block + "input_layernorm.weight");
            ones(block + "post_attention_layernorm.weight");
        }
        ones("model.norm.weight");
    }

    private void matrix(String name, int rows, int columns) {
        float[] values = new float[rows * columns];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (0.3 * chance.nextGaussian());
        }
        weights.floats(name, Shape.of(rows, columns), values);
    }

    private void ones(String name) {
        float[] values = new float[HIDDEN];
        Arrays.fill(values, 1);
        weights.floats(name, Shape.of(HIDDEN), values);
    }

    private static String config() {
        return """
        {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "vocab_size": %d,
         "hidden_size": %d, "num_hidden_layers": %d, "num_attention_heads": 4,
         "num_key_value_heads": 2, "intermediate_size": %d, "hidden_act": "silu",
         "max_position_embeddings": 64, "rms_norm_eps": 1e-5, "rope_theta": 10000.0,
         "attention_dropout": 0.0, "bos_token_id": 1, "eos_token_id": 2,
         "tie_word_embeddings": true, "initializer_range": 0.02, "torch_dtype": "float32"}
        """
                .formatted(vocabulary().size(), HIDDEN, LAYERS, INNER);
    }

    private static String tokenizer() {
        List<String> words = vocabulary();
        String vocabulary =
                IntStream.range(0, words.size())
                        .mapToObj(id -> "\"%s\": %d".formatted(words.get(id), id))
                        .collect(Collectors.joining(", "));
        return """
        {"version": "1.0", "truncation": null, "padding": null, "added_tokens": [],
         "normalizer": null, "pre_tokenizer": {"type": "WhitespaceSplit"},
         "post_processor": {"type": "TemplateProcessing",
           "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}},
                      {"Sequence": {"id": "A", "type_id": 0}}],
           "pair": [{"Sequence": {"id": "A", "type_id": 0}},
                    {"Sequence": {"id": "B", "type_id": 1}}],
           "special_tokens": {"<s>": {"id": "<s>", "ids": [1], "tokens": ["<s>"]}}},
         "decoder": null,
         "model": {"type": "WordLevel", "unk_token": "<unk>", "vocab": {%s}}}
        """
                .formatted(vocabulary);
    }
}
