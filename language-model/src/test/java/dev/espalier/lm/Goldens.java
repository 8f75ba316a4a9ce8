package dev.espalier.lm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.lm.tokens.Example;
import dev.espalier.lm.tokens.TokenSequence;
import dev.espalier.tensors.safetensors.SafetensorsFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Reference numbers computed with transformers and PEFT; {@code -Despalier.goldens=DIR} takes
 * another set of the same layout, {@code -Despalier.models=DIR} real models.
 */
public final class Goldens {

    private Goldens() {}

    /** The folder of one family in the set under test. */
    public static Path family(String family) {
        String chosen = System.getProperty("espalier.goldens");
        return chosen == null ? bundled(family) : Path.of(chosen).resolve(family);
    }

    /** The folder of one family that lies in the test resources. */
    public static Path bundled(String name) {
        try {
            return Path.of(Goldens.class.getResource("/goldens/" + name).toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A real model, which may not be there. */
    public static Path model(String name) {
        String chosen = System.getProperty("espalier.models", "../../shared/models");
        return Path.of(chosen).resolve(name);
    }

    public static float[] floats(Path file, String name) {
        try (SafetensorsFile tensors = SafetensorsFile.open(file)) {
            return tensors.floats(name);
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

    /** The rows of an {@code inputs.safetensors}, padding taken off. */
    public static List<Example> examples(Path family) throws IOException {
        Path file = family.resolve("inputs.safetensors");
        assertThat(file).exists();
        try (SafetensorsFile inputs = SafetensorsFile.open(file)) {
            int rows = (int) inputs.info("input_ids").shape().dimension(0);
            int time = (int) inputs.info("input_ids").shape().dimension(1);
            boolean typed = inputs.contains("token_type_ids");
            long[] ids = inputs.longs("input_ids");
            long[] types = typed ? inputs.longs("token_type_ids") : new long[ids.length];
            long[] mask = inputs.longs("attention_mask");
            long[] labels = inputs.contains("labels") ? inputs.longs("labels") : new long[rows];
            List<Example> examples = new ArrayList<>();
            for (int row = 0; row < rows; row++) {
                int from = row * time;
                int length = 0;
                while (length < time && mask[from + length] == 1) {
                    length++;
                }
                int[] rowIds = new int[length];
                int[] rowTypes = new int[length];
                for (int t = 0; t < length; t++) {
                    rowIds[t] = (int) ids[from + t];
                    rowTypes[t] = (int) types[from + t];
                }
                examples.add(new Example(new TokenSequence(rowIds, rowTypes), (int) labels[row]));
            }
            return examples;
        }
    }

    /** Whether a folder of goldens is there at all. */
    public static boolean exists(Path folder) {
        return Files.isDirectory(folder);
    }
}
