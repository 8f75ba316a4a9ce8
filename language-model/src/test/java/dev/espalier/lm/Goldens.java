package dev.espalier.lm;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.espalier.lm.tokens.Example;
import dev.espalier.lm.tokens.LanguageExample;
import dev.espalier.lm.tokens.TextToTextExample;
import dev.espalier.lm.tokens.TokenSequence;
import dev.espalier.tensors.Shape;
import dev.espalier.tensors.safetensors.SafetensorsFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.ValueLayout;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Reference numbers computed with transformers and PEFT; {@code -Despalier.goldens=DIR} takes
 * another set of the same layout, {@code -Despalier.models=DIR} real models.
 */
public final class Goldens {

    private Goldens() {}

    /** The families of a set. */
    public static Stream<String> families() {
        return Stream.of(Stream.of("bert", "roberta"), decoders(), textToText())
                .flatMap(family -> family);
    }

    /** The families that foretell tokens. */
    public static Stream<String> decoders() {
        return Stream.of("opt", "llama", "gpt2");
    }

    /** The families that read one text and write another. */
    public static Stream<String> textToText() {
        return Stream.of("t5", "t5_gated");
    }

    /** The PEFT folders of all families in the set under test, as {@code family/folder}. */
    public static Stream<String> adapters() {
        return adapters(Goldens::family);
    }

    /** The PEFT folders of all families in the test resources, as {@code family/folder}. */
    public static Stream<String> bundledAdapters() {
        return adapters(Goldens::bundled);
    }

    private static Stream<String> adapters(Function<String, Path> folder) {
        return families()
                .flatMap(family ->
                        Stream.of("lora_qv", "lora_all", "lora_qv_cls")
                                .map(name -> family + "/" + name)
                                .filter(path -> exists(folder.apply(path))));
    }

    /** The folder of one family in the set under test. */
    public static Path family(String family) {
        String chosen = System.getProperty("espalier.goldens");
        return chosen == null ? bundled(family) : Path.of(chosen).resolve(family);
    }

    /** The folder of goldens of pruning; where the set under test has none, the test is skipped. */
    public static Path pruning() {
        Path folder = family("prune");
        assumeTrue(exists(folder), "the set named by -Despalier.goldens has no folder prune");
        return folder;
    }

    /** The folder of one family that lies in the test resources. */
    public static Path bundled(String name) {
        try {
            return Path.of(Goldens.class.getResource("/goldens").toURI()).resolve(name);
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * A real model. Where none is there the test is skipped, unless somebody named the folder that
     * it should be in: then it fails.
     */
    public static Path model(String name) {
        String chosen = System.getProperty("espalier.models");
        Path folder = Path.of(chosen == null ? "../../shared/models" : chosen).resolve(name);
        if (chosen != null && !exists(folder)) {
            throw new AssertionError("-Despalier.models has no " + name + ": " + folder);
        }
        assumeTrue(exists(folder), "no " + name + ": name its folder with -Despalier.models");
        return folder;
    }

    public static float[] floats(Path file, String name) {
        try (SafetensorsFile tensors = SafetensorsFile.open(file)) {
            return tensors.floats(name);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static long[] longs(Path file, String name) {
        try (SafetensorsFile tensors = SafetensorsFile.open(file)) {
            return tensors.longs(name);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A tensor of single bytes, such as a mask. */
    public static byte[] bytes(Path file, String name) {
        try (SafetensorsFile tensors = SafetensorsFile.open(file)) {
            return tensors.bytes(name).toArray(ValueLayout.JAVA_BYTE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Integers of 64 or 32 bits that fit into 32. */
    public static int[] ids(Path file, String name) {
        return Arrays.stream(longs(file, name)).mapToInt(Math::toIntExact).toArray();
    }

    /** Every tensor of a file with its shape. */
    public static SortedMap<String, Shape> shapes(Path file) {
        try (SafetensorsFile tensors = SafetensorsFile.open(file)) {
            SortedMap<String, Shape> shapes = new TreeMap<>();
            tensors.names().forEach(name -> shapes.put(name, tensors.info(name).shape()));
            return shapes;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static boolean has(Path file, String name) {
        try (SafetensorsFile tensors = SafetensorsFile.open(file)) {
            return tensors.contains(name);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The rows of an {@code inputs.safetensors} with their classes. */
    public static List<Example> examples(Path family) throws IOException {
        Path file = family.resolve("inputs.safetensors");
        List<TokenSequence> sequences = sequences(file);
        try (SafetensorsFile inputs = SafetensorsFile.open(file)) {
            long[] labels = inputs.longs("labels");
            List<Example> examples = new ArrayList<>();
            for (int row = 0; row < labels.length; row++) {
                examples.add(new Example(sequences.get(row), (int) labels[row]));
            }
            return examples;
        }
    }

    /** The rows of an {@code inputs.safetensors} with the labels of their tokens. */
    public static List<LanguageExample> languageExamples(Path file) throws IOException {
        try (SafetensorsFile inputs = SafetensorsFile.open(file)) {
            List<LanguageExample> examples = new ArrayList<>();
            List<TokenSequence> sequences = sequences(file);
            if (!inputs.contains("labels")) {
                return sequences.stream().map(LanguageExample::of).toList();
            }
            long[] labels = inputs.longs("labels");
            long[] mask = mask(file);
            int time = labels.length / sequences.size();
            for (int row = 0; row < sequences.size(); row++) {
                int from = row * time + firstToken(mask, row * time);
                int to = from + sequences.get(row).length();
                examples.add(new LanguageExample(sequences.get(row), ints(labels, from, to)));
            }
            return examples;
        }
    }

    /** The rows of an {@code inputs.safetensors} with their targets, as long as the longest. */
    public static List<TextToTextExample> textToTextExamples(Path file) throws IOException {
        try (SafetensorsFile inputs = SafetensorsFile.open(file)) {
            long[] labels = inputs.longs("labels");
            List<TextToTextExample> examples = new ArrayList<>();
            List<TokenSequence> sources = sequences(file);
            int time = labels.length / sources.size();
            for (int row = 0; row < sources.size(); row++) {
                int[] target = ints(labels, row * time, (row + 1) * time);
                examples.add(new TextToTextExample(sources.get(row), target));
            }
            return examples;
        }
    }

    /** The rows of {@code decoder_input_ids}, padding included, which the goldens attend to. */
    public static List<TokenSequence> targets(Path file) throws IOException {
        try (SafetensorsFile inputs = SafetensorsFile.open(file)) {
            int time = (int) inputs.info("decoder_input_ids").shape().dimension(1);
            long[] ids = inputs.longs("decoder_input_ids");
            List<TokenSequence> rows = new ArrayList<>();
            for (int from = 0; from < ids.length; from += time) {
                rows.add(new TokenSequence(ints(ids, from, from + time), new int[time]));
            }
            return rows;
        }
    }

    /** The rows of {@code input_ids}, padding on either side taken off. */
    public static List<TokenSequence> sequences(Path file) throws IOException {
        try (SafetensorsFile inputs = SafetensorsFile.open(file)) {
            int time = (int) inputs.info("input_ids").shape().dimension(1);
            long[] ids = inputs.longs("input_ids");
            long[] mask = mask(file);
            boolean typed = inputs.contains("token_type_ids");
            long[] types = typed ? inputs.longs("token_type_ids") : new long[ids.length];
            List<TokenSequence> rows = new ArrayList<>();
            for (int row = 0; row < ids.length; row += time) {
                int from = row + firstToken(mask, row);
                int to = from + (int) Arrays.stream(mask, row, row + time).sum();
                rows.add(new TokenSequence(ints(ids, from, to), ints(types, from, to)));
            }
            return rows;
        }
    }

    /** 1 where {@code input_ids} has a token, 0 where it has padding. */
    public static long[] mask(Path file) {
        if (has(file, "attention_mask")) {
            return longs(file, "attention_mask");
        }
        long[] mask = new long[longs(file, "input_ids").length];
        Arrays.fill(mask, 1);
        return mask;
    }

    /** How many places of a row of a mask are padding on the left. */
    public static int firstToken(long[] mask, int from) {
        int first = 0;
        while (mask[from + first] == 0) {
            first++;
        }
        return first;
    }

    private static int[] ints(long[] values, int from, int to) {
        return Arrays.stream(values, from, to).mapToInt(Math::toIntExact).toArray();
    }

    /** Whether a folder of goldens is there at all. */
    public static boolean exists(Path folder) {
        return Files.isDirectory(folder);
    }
}
