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

/** A Hugging Face folder with a real BERT of two small layers, and mail in its few words. */
public final class TinyBert {

    private static final List<String> HAM = List.of("pear", "quince", "orchard", "prune", "frost");
    private static final List<String> SPAM = List.of("win", "money", "prize", "free", "cash");
    private static final List<String> BOTH = List.of("the", "and", "today", "your", "garden", "we");

    private static final int HIDDEN = 16;
    private static final int INNER = 32;
    private static final int LAYERS = 2;
    private static final int POSITIONS = 32;

    private final Random chance = new Random(7);
    private final SafetensorsWriter weights = new SafetensorsWriter().metadata("format", "pt");

    private TinyBert() {}

    /** The same bytes every time. */
    public static Path write(Path folder) throws IOException {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("config.json"), config());
        Files.writeString(folder.resolve("tokenizer.json"), tokenizer());
        TinyBert bert = new TinyBert();
        bert.fill();
        bert.weights.write(folder.resolve("model.safetensors"));
        return folder;
    }

    /** JSON Lines that a tiny model can learn from. */
    public static Path mail(Path file, int rows, long seed) throws IOException {
        Random any = new Random(seed);
        StringBuilder lines = new StringBuilder();
        for (int row = 0; row < rows; row++) {
            String label = any.nextBoolean() ? "ham" : "spam";
            List<String> words = new ArrayList<>();
            for (int i = 0; i < 4 + any.nextInt(8); i++) {
                List<String> from = any.nextBoolean() ? BOTH : label.equals("ham") ? HAM : SPAM;
                words.add(from.get(any.nextInt(from.size())));
            }
            lines.append(
                    "{\"text\": \"%s\", \"label\": \"%s\"}\n"
                            .formatted(String.join(" ", words), label));
        }
        Files.createDirectories(file.getParent());
        return Files.writeString(file, lines);
    }

    private static List<String> vocabulary() {
        List<String> words = new ArrayList<>(List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]"));
        words.addAll(HAM);
        words.addAll(SPAM);
        words.addAll(BOTH);
        return words;
    }

    private void fill() {
        String embeddings = "bert.embeddings.";
        matrix(embeddings + "word_embeddings.weight", vocabulary().size(), HIDDEN);
        matrix(embeddings + "position_embeddings.weight", POSITIONS, HIDDEN);
        matrix(embeddings + "token_type_embeddings.weight", 2, HIDDEN);
        norm(embeddings + "LayerNorm");
        for (int layer = 0; layer < LAYERS; layer++) {
            String block = "bert.encoder.layer." + layer + ".";
            for (String part : List.of("query", "key", "value")) {
                linear(block + "attention.self." + part, HIDDEN, HIDDEN);
            }
            linear(block + "attention.output.dense", HIDDEN, HIDDEN);
            norm(block + "attention.output.LayerNorm");
            linear(block + "intermediate.dense", INNER, HIDDEN);
            linear(block + "output.dense", HIDDEN, INNER);
            norm(block + "output.LayerNorm");
        }
        linear("bert.pooler.dense", HIDDEN, HIDDEN);
    }

    private void linear(String module, int out, int in) {
        matrix(module + ".weight", out, in);
        vector(module + ".bias", 0, out);
    }

    private void norm(String module) {
        vector(module + ".weight", 1, HIDDEN);
        vector(module + ".bias", 0, HIDDEN);
    }

    private void matrix(String name, int rows, int columns) {
        float[] values = new float[rows * columns];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (0.4 * chance.nextGaussian());
        }
        weights.floats(name, Shape.of(rows, columns), values);
    }

    private void vector(String name, float value, int length) {
        float[] values = new float[length];
        Arrays.fill(values, value);
        weights.floats(name, Shape.of(length), values);
    }

    private static String config() {
        return """
        {"architectures": ["BertForSequenceClassification"], "model_type": "bert",
         "vocab_size": %d, "hidden_size": %d, "num_hidden_layers": %d,
         "num_attention_heads": 2, "intermediate_size": %d, "hidden_act": "gelu",
         "hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0,
         "max_position_embeddings": %d, "type_vocab_size": 2, "initializer_range": 0.02,
         "layer_norm_eps": 1e-12, "pad_token_id": 0,
         "position_embedding_type": "absolute", "torch_dtype": "float32"}
        """
                .formatted(vocabulary().size(), HIDDEN, LAYERS, INNER, POSITIONS);
    }

    private static String tokenizer() {
        List<String> words = vocabulary();
        String vocabulary =
                IntStream.range(0, words.size())
                        .mapToObj(id -> "\"%s\": %d".formatted(words.get(id), id))
                        .collect(Collectors.joining(", "));
        return """
        {"version": "1.0", "truncation": null, "padding": null,
         "added_tokens": [%s],
         "normalizer": {"type": "BertNormalizer", "clean_text": true,
           "handle_chinese_chars": true, "strip_accents": null, "lowercase": true},
         "pre_tokenizer": {"type": "BertPreTokenizer"},
         "post_processor": {"type": "BertProcessing", "sep": ["[SEP]", 3],
           "cls": ["[CLS]", 2]},
         "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": true},
         "model": {"type": "WordPiece", "unk_token": "[UNK]",
           "continuing_subword_prefix": "##", "max_input_chars_per_word": 100,
           "vocab": {%s}}}
        """
                .formatted(special(words.subList(0, 4)), vocabulary);
    }

    private static String special(List<String> words) {
        return IntStream.range(0, words.size())
                .mapToObj(id ->
                        """
                        {"id": %d, "content": "%s", "single_word": false, "lstrip": false,
                         "rstrip": false, "normalized": false, "special": true}\
                        """
                                .formatted(id, words.get(id)))
                .collect(Collectors.joining(", "));
    }
}
