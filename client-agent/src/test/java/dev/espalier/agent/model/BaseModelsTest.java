package dev.espalier.agent.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.agent.TinyFederation;
import dev.espalier.lm.adapter.AdapterSettings;
import dev.espalier.lm.adapter.TargetModules;
import dev.espalier.lm.adapter.TaskHead;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.job.AdapterSpec;
import dev.espalier.protocol.model.ModelStructure;
import dev.espalier.protocol.model.VersionKind;
import dev.espalier.protocol.model.VersionManifest;
import dev.espalier.protocol.update.AdapterLayout;
import dev.espalier.protocol.update.AdapterTensor;
import dev.espalier.tensors.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BaseModelsTest {

    @TempDir private Path folder;

    private final FolderRegistry registry = new FolderRegistry();
    private final BaseModels models = new BaseModels();

    @AfterEach
    void close() {
        models.close();
    }

    @Test
    void agentsShareOneModelAndTheNextRoundFindsItLoaded() throws Exception {
        registry.with(TinyFederation.base(), TinyFederation.MODEL);

        BaseModels.Lease ada = acquire(TinyFederation.BASE);
        BaseModels.Lease bob = acquire(TinyFederation.BASE);
        ada.close();
        ada.close();
        bob.close();
        BaseModels.Lease later = acquire(TinyFederation.BASE);

        assertThat(bob.model()).isSameAs(ada.model());
        assertThat(later.model()).isSameAs(ada.model());
        assertThat(models.loads()).isEqualTo(1);
    }

    @Test
    void aModelThatNobodyUsesMakesRoomForAnother() throws Exception {
        registry.with(TinyFederation.base(), TinyFederation.MODEL);
        VersionRef other = VersionRef.parse("other@1");
        Path copy = copyOfTheModel();
        Files.writeString(copy.resolve("readme"), "the same model in other words");
        registry.with(Versions.base(other, copy), copy);
        acquire(TinyFederation.BASE).close();

        acquire(other).close();
        acquire(TinyFederation.BASE);

        assertThat(models.loads()).isEqualTo(3);
    }

    @Test
    void aModelWithAnotherStructureThanRegisteredIsRefused() throws Exception {
        ModelStructure real = TinyFederation.base().structure();
        ModelStructure claimed =
                new ModelStructure(
                        real.family(),
                        real.layers() + 1,
                        real.hiddenSize(),
                        real.maxPositions(),
                        real.vocabularySize(),
                        real.parameters(),
                        real.linears(),
                        real.attentionBlocks(),
                        real.classificationHead(),
                        real.defaultTargetModules());
        VersionManifest manifest =
                Versions.manifest(
                        TinyFederation.BASE, VersionKind.BASE, TinyFederation.MODEL, null, claimed);
        registry.with(manifest, TinyFederation.MODEL);

        assertThatThrownBy(() -> acquire(TinyFederation.BASE))
                .isInstanceOf(UnusableVersionException.class)
                .hasMessageContaining("structure");
    }

    @Test
    void aModelThatCannotBeLoadedIsRefusedWithoutPathsOfThisMachine() throws Exception {
        Path copy = copyOfTheModel();
        Files.writeString(copy.resolve("config.json"), "{\"model_type\": \"parrot\"}");
        VersionManifest manifest =
                Versions.manifest(
                        TinyFederation.BASE,
                        VersionKind.BASE,
                        copy,
                        null,
                        TinyFederation.base().structure());
        registry.with(manifest, copy);

        assertThatThrownBy(() -> acquire(TinyFederation.BASE))
                .isInstanceOf(UnusableVersionException.class)
                .hasMessageContaining("parrot")
                .hasMessageNotContaining(folder.toString());
    }

    /** Agents, orchestrator and aggregation service must agree without asking each other. */
    @ParameterizedTest
    @ValueSource(strings = {"query", "dense", "output.dense", "attention.self.value"})
    void theProtocolsLayoutIsTheOneThatIsTrained(String target) throws Exception {
        AdapterSpec spec = new AdapterSpec(3, null, null, List.of(target));
        AdapterLayout said =
                AdapterLayout.of(
                        ModelStructures.describe(TinyFederation.MODEL), spec, TinyFederation.TASK);
        AdapterSettings settings =
                new AdapterSettings(
                        3,
                        6,
                        0,
                        TargetModules.names(target),
                        TaskHead.trained(TinyFederation.TASK.labels()));

        try (BaseModel model = BaseModel.load(TinyFederation.MODEL)) {
            assertThat(shapes(said)).isEqualTo(model.layout(settings).shapes());
        }
    }

    private static SortedMap<String, Shape> shapes(AdapterLayout layout) {
        SortedMap<String, Shape> shapes = new TreeMap<>();
        for (AdapterTensor tensor : layout.tensors()) {
            long[] shape = tensor.shape().stream().mapToLong(Integer::longValue).toArray();
            shapes.put(tensor.name(), Shape.of(shape));
        }
        return shapes;
    }

    private BaseModels.Lease acquire(VersionRef version) throws Exception {
        VersionCache cache =
                new VersionCache(
                        folder.resolve("cache"), 1 << 20, registry, InstantSource.system());
        return models.acquire(cache.fetch(version));
    }

    private Path copyOfTheModel() throws IOException {
        Path copy = Files.createDirectories(folder.resolve("copy"));
        for (String name : List.of("config.json", "model.safetensors", "tokenizer.json")) {
            Files.copy(TinyFederation.MODEL.resolve(name), copy.resolve(name));
        }
        return copy;
    }
}
