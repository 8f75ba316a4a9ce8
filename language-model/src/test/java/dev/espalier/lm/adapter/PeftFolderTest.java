package dev.espalier.lm.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.lm.Goldens;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.weights.ModelRefusedException;
import dev.espalier.tensors.safetensors.SafetensorsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class PeftFolderTest {

    private static final Path PEFT = Goldens.bundled("bert");

    @TempDir private Path folder;

    @Test
    void aFolderOfPeftIsUnderstood() throws IOException {
        AdapterSettings settings = PeftFolder.read(PEFT.resolve("lora_qv_cls")).settings();

        assertThat(settings.rank()).isEqualTo(4);
        assertThat(settings.scaling()).isEqualTo(2);
        assertThat(settings.targets()).isEqualTo(TargetModules.names("query", "value"));
        assertThat(settings.head())
                .isEqualTo(TaskHead.trained(List.of("LABEL_0", "LABEL_1", "LABEL_2", "LABEL_3")));
    }

    /** PEFT has no place for the rank that alpha is divided by. */
    @Test
    void aTruncatedAdapterIsNotWritten() throws IOException {
        PeftFolder adapter = PeftFolder.read(PEFT.resolve("lora_qv_cls"));
        PeftFolder truncated = new PeftFolder(adapter.settings().truncated(2), adapter.weights());

        assertThatThrownBy(() -> truncated.write(folder, "tiny-bert"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("put the components back");
        assertThat(folder).isEmptyDirectory();
    }

    @ParameterizedTest
    @ValueSource(strings = {"lora_qv", "lora_all", "lora_qv_cls"})
    void writingAndReadingChangesNothing(String name) throws IOException {
        PeftFolder adapter = PeftFolder.read(PEFT.resolve(name));
        adapter.write(folder, "tiny-bert");

        assertThat(PeftFolder.read(folder)).isEqualTo(adapter);
    }

    @ParameterizedTest
    @ValueSource(strings = {"lora_qv", "lora_all", "lora_qv_cls"})
    void settingsAndNamesAreWrittenAsPeftWritesThem(String name) throws IOException {
        PeftFolder.read(PEFT.resolve(name)).write(folder, "tiny-bert");

        JsonNode ours = json(folder);
        JsonNode theirs = json(PEFT.resolve(name));
        for (String key : List.of("r", "peft_type", "bias", "modules_to_save", "fan_in_fan_out")) {
            assertThat(ours.get(key)).as(key).isEqualTo(theirs.get(key));
        }
        assertThat(ours.get("lora_alpha").doubleValue())
                .isEqualTo(theirs.get("lora_alpha").doubleValue());
        try (SafetensorsFile a = SafetensorsFile.open(folder.resolve(PeftFolder.WEIGHTS));
                SafetensorsFile b =
                        SafetensorsFile.open(PEFT.resolve(name).resolve(PeftFolder.WEIGHTS))) {
            assertThat(a.names()).isEqualTo(b.names());
            assertThat(a.metadata()).containsEntry("format", "pt");
        }
    }

    /** The common form, and the one whose weights are stored the other way round. */
    @ParameterizedTest
    @CsvSource({
        "bert/lora_qv_cls",
        "opt/lora_all",
        "llama/lora_all",
        "gpt2/lora_all",
        "t5/lora_all"
    })
    void theTaskAndTheOrderOfWeightsAreThoseOfTheBase(String name) throws IOException {
        Path peft = Goldens.bundled(name);
        try (BaseModel base = BaseModel.load(peft.getParent())) {
            PeftFolder.read(peft).write(folder, "tiny", base.family());
        }

        for (String key : List.of("fan_in_fan_out", "task_type")) {
            assertThat(json(folder).get(key)).as(key).isEqualTo(json(peft).get(key));
        }
        assertThat(PeftFolder.read(folder)).isEqualTo(PeftFolder.read(peft));
    }

    @Test
    void labelsTravelAlong() throws IOException {
        PeftFolder peft = PeftFolder.read(PEFT.resolve("lora_qv_cls"));
        AdapterSettings named =
                new AdapterSettings(
                        4,
                        8,
                        0,
                        peft.settings().targets(),
                        TaskHead.trained(List.of("a", "b \"quoted\"", "ç", "d")));
        new PeftFolder(named, peft.weights()).write(folder, "tiny-bert");

        assertThat(PeftFolder.read(folder).settings()).isEqualTo(named);
    }

    @ParameterizedTest
    @CsvSource({
        "peft_type, '\"IA3\"'",
        "bias, '\"all\"'",
        "use_dora, true",
        "use_rslora, true",
        "rank_pattern, '{\"query\":2}'",
        "alpha_pattern, '{\"query\":2}'",
        "layers_to_transform, '[1]'"
    })
    void aSettingThatIsNotSupportedIsRefusedByName(String key, String value) throws IOException {
        PeftFolder.read(PEFT.resolve("lora_qv")).write(folder, "tiny-bert");
        ObjectNode config = (ObjectNode) json(folder);
        config.set(key, JsonMapper.shared().readTree(value));
        Files.writeString(folder.resolve(PeftFolder.CONFIG), config.toString());

        assertThatThrownBy(() -> PeftFolder.read(folder))
                .isInstanceOf(ModelRefusedException.class)
                .hasMessageContaining(key);
    }

    @Test
    void aFolderWithoutValuesIsRefused() throws IOException {
        Files.copy(
                PEFT.resolve("lora_qv").resolve(PeftFolder.CONFIG),
                folder.resolve(PeftFolder.CONFIG));

        assertThatThrownBy(() -> PeftFolder.read(folder))
                .isInstanceOf(ModelRefusedException.class)
                .hasMessageContaining(PeftFolder.WEIGHTS);
    }

    private static JsonNode json(Path folder) throws IOException {
        return JsonMapper.shared().readTree(Files.readString(folder.resolve(PeftFolder.CONFIG)));
    }
}
