package dev.espalier.lm.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.lm.Goldens;
import dev.espalier.lm.adapter.LiveAdapter;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.compute.Precision;
import dev.espalier.lm.weights.ModelRefusedException;
import dev.espalier.tensors.DType;
import dev.espalier.tensors.Shape;
import dev.espalier.tensors.safetensors.SafetensorsFile;
import dev.espalier.tensors.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The forms in which a model may be stored, and how one that is not whole is refused. */
class StoredFormsGoldenTest {

    private static final String WEIGHTS = "model.safetensors";

    @TempDir private Path folder;

    static Stream<String> families() {
        return Goldens.families();
    }

    static Stream<Arguments> familiesAndHalves() {
        return Goldens.families()
                .flatMap(family ->
                        Stream.of(DType.F16, DType.BF16).map(half -> Arguments.of(family, half)));
    }

    /** Bit for bit: widening is exact. */
    @ParameterizedTest
    @MethodSource("familiesAndHalves")
    void halvesComputeAsTheSameValuesInFull(String family, DType half) throws IOException {
        Path rounded = Files.createDirectory(folder.resolve("rounded"));
        Path narrow = Files.createDirectory(folder.resolve("narrow"));
        try (SafetensorsFile stored = stored(family)) {
            SafetensorsWriter full = new SafetensorsWriter();
            SafetensorsWriter halves = new SafetensorsWriter();
            for (String name : stored.names()) {
                Shape shape = stored.info(name).shape();
                float[] values = stored.floats(name);
                halves.floats(name, half, shape, stored.floats(name));
                for (int i = 0; i < values.length; i++) {
                    values[i] = half.rounded(values[i]);
                }
                full.floats(name, shape, values);
            }
            full.write(rounded.resolve(WEIGHTS));
            halves.write(narrow.resolve(WEIGHTS));
        }

        float[] expected = logits(family, rounded);
        assertThat(logits(family, narrow)).isEqualTo(expected);
        assertThat(expected).isNotEqualTo(logits(family, Goldens.family(family)));
    }

    @ParameterizedTest
    @MethodSource("families")
    void shardsComputeAsOneFile(String family) throws IOException {
        List<String> names;
        try (SafetensorsFile stored = stored(family)) {
            names = List.copyOf(stored.names());
        }
        ObjectNode index = JsonMapper.shared().createObjectNode();
        ObjectNode map = index.putObject("weight_map");
        for (int shard = 0; shard < 3; shard++) {
            String file = "model-0000%d-of-00003.safetensors".formatted(shard + 1);
            Set<String> chosen = new TreeSet<>();
            for (int i = shard; i < names.size(); i += 3) {
                chosen.add(names.get(i));
                map.put(names.get(i), file);
            }
            copy(family, chosen, folder.resolve(file));
        }
        Files.writeString(folder.resolve("model.safetensors.index.json"), index.toString());

        assertThat(logits(family, folder)).isEqualTo(logits(family, Goldens.family(family)));
    }

    @ParameterizedTest
    @MethodSource("families")
    void everyTensorThatIsMissingIsRefusedByName(String family) throws IOException {
        for (String missing : needed(family)) {
            try (SafetensorsFile stored = stored(family)) {
                Set<String> others = new TreeSet<>(stored.names());
                others.remove(missing);
                copy(family, others, folder.resolve(WEIGHTS));
            }

            assertThatThrownBy(() -> load(family, folder))
                    .isInstanceOf(ModelRefusedException.class)
                    .hasMessageContaining(missing)
                    .hasMessageContaining("missing");
        }
    }

    @ParameterizedTest
    @MethodSource("families")
    void everyTensorOfAnotherShapeIsRefusedByName(String family) throws IOException {
        for (String bent : needed(family)) {
            SafetensorsWriter writer = new SafetensorsWriter();
            try (SafetensorsFile stored = stored(family)) {
                for (String name : stored.names()) {
                    Shape shape = stored.info(name).shape();
                    Shape other = Shape.of(1, 1, shape.elements());
                    writer.floats(name, name.equals(bent) ? other : shape, stored.floats(name));
                }
            }
            writer.write(folder.resolve(WEIGHTS));

            assertThatThrownBy(() -> load(family, folder))
                    .isInstanceOf(ModelRefusedException.class)
                    .hasMessageContaining(bent)
                    .hasMessageContaining("config.json says");
        }
    }

    @ParameterizedTest
    @MethodSource("families")
    void numbersThatAreNotFloatsAreRefused(String family) throws IOException {
        String name = needed(family).getFirst();
        SafetensorsWriter writer = new SafetensorsWriter();
        try (SafetensorsFile stored = stored(family)) {
            for (String other : stored.names()) {
                Shape shape = stored.info(other).shape();
                if (other.equals(name)) {
                    writer.longs(other, shape, new long[(int) shape.elements()]);
                } else {
                    writer.floats(other, shape, stored.floats(other));
                }
            }
        }
        writer.write(folder.resolve(WEIGHTS));

        assertThatThrownBy(() -> load(family, folder))
                .isInstanceOf(ModelRefusedException.class)
                .hasMessageContaining(name)
                .hasMessageContaining("I64");
    }

    /** Stored and not a head that may be missing. */
    private static List<String> needed(String family) throws IOException {
        try (BaseModel base = BaseModel.load(Goldens.family(family))) {
            Set<String> wanted = base.family().tensors().keySet();
            return wanted.stream().sorted().toList();
        }
    }

    private static void copy(String family, Set<String> chosen, Path file) throws IOException {
        SafetensorsWriter writer = new SafetensorsWriter();
        try (SafetensorsFile stored = stored(family)) {
            for (String name : chosen) {
                writer.floats(name, stored.info(name).shape(), stored.floats(name));
            }
        }
        writer.write(file);
    }

    private static void load(String family, Path from) throws IOException {
        copyConfig(family, from);
        BaseModel.load(from).close();
    }

    private static float[] logits(String family, Path from) throws IOException {
        copyConfig(family, from);
        Path inputs = Goldens.family(family).resolve("inputs.safetensors");
        try (GoldenModel model = GoldenModel.load(from, inputs, Precision.SINGLE);
                LiveAdapter nothing = model.base().unadapted()) {
            return model.logits(nothing, null);
        }
    }

    private static void copyConfig(String family, Path to) throws IOException {
        if (!to.equals(Goldens.family(family))) {
            Files.copy(
                    Goldens.family(family).resolve("config.json"),
                    to.resolve("config.json"),
                    StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private static SafetensorsFile stored(String family) throws IOException {
        return SafetensorsFile.open(Goldens.family(family).resolve(WEIGHTS));
    }
}
