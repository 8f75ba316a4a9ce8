package dev.espalier.agent.work;

import dev.espalier.agent.TinyFederation;
import dev.espalier.agent.data.DataRoom;
import dev.espalier.agent.data.DataSettings;
import dev.espalier.agent.journal.Journal;
import dev.espalier.agent.model.BaseModels;
import dev.espalier.agent.model.DownloadBook;
import dev.espalier.agent.model.FolderRegistry;
import dev.espalier.agent.model.OwnAdapters;
import dev.espalier.agent.model.VersionCache;
import dev.espalier.agent.model.Versions;
import dev.espalier.agent.neighbour.Patience;
import dev.espalier.agent.upload.MemoryAggregation;
import dev.espalier.agent.upload.UpdateWriter;
import dev.espalier.lm.train.TrainingSettings;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.JobId;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.model.VersionManifest;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.LongSupplier;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import tools.jackson.databind.json.JsonMapper;

/** A real workbench with a tiny real model; only the network is not there. */
final class TestBench implements AutoCloseable {

    static final AgentName ADA = new AgentName("ada");

    private final Path folder;
    private final BaseModels models = new BaseModels();
    private final FolderRegistry registry;
    private DataRoom room = DataRoom.open(List.of());

    /** Of each training run. */
    long stateBytes = TrainingSettings.USUAL_STATE_BYTES;

    TestBench(Path folder) throws IOException {
        this.folder = folder;
        Path adapter = folder.resolve("adapter");
        Path writer = folder.resolve("writer");
        this.registry =
                new FolderRegistry()
                        .with(TinyFederation.base(), TinyFederation.MODEL)
                        .with(TinyFederation.adapter(adapter), adapter)
                        .with(TinyFederation.writingBase(), TinyFederation.WRITING_MODEL)
                        .with(TinyFederation.writingAdapter(writer), writer);
    }

    /** Publishes one more base model. */
    void publish(VersionManifest base, Path folder) {
        registry.with(base, folder);
    }

    /** Publishes an adapter under that name. */
    void publish(VersionRef adapter, VersionRef base, Path folder) {
        registry.with(Versions.adapter(adapter, folder, base), folder);
    }

    /**
     * Gives agents from now on this data.
     *
     * @param more names and values in turn
     */
    void read(Path mail, String... more) {
        Map<String, String> properties = new HashMap<>();
        properties.put("data.name", "mail");
        properties.put("data.path", mail.toString());
        for (int i = 0; i < more.length; i += 2) {
            properties.put("data." + more[i], more[i + 1]);
        }
        DataSettings settings =
                new Binder(new MapConfigurationPropertySource(properties))
                        .bind("data", Bindable.of(DataSettings.class))
                        .get();
        room = DataRoom.open(List.of(settings));
    }

    /** A process that lives in that home; a second one with the same home comes after a crash. */
    Workbench agent(Path home, LongSupplier nanoTime, MemoryAggregation to) throws IOException {
        Patience patience =
                new Patience(Duration.ZERO, Duration.ZERO, new Random(1), duration -> {});
        VersionCache cache =
                new VersionCache(
                        folder.resolve("cache"), 1 << 30, registry, InstantSource.system());
        Fetching fetching =
                new Fetching(
                        cache,
                        models,
                        new DownloadBook(home.resolveSibling("downloads-of-" + home.getFileName())),
                        patience);
        TrainingSlots slots = new TrainingSlots(1);
        JsonMapper json = JsonMapper.shared();
        OwnAdapters own = own(home);
        HandingIn handingIn = new HandingIn(ADA, to, patience, nanoTime);
        UpdateWriter writer = new UpdateWriter(json);
        TrainingWork training =
                new TrainingWork(
                        ADA,
                        fetching,
                        slots,
                        writer,
                        own,
                        handingIn,
                        new TrainingWork.Thrift(Duration.ZERO, stateBytes),
                        nanoTime);
        return new Workbench(
                room,
                new Journal(home, json),
                training,
                new PruningWork(ADA, fetching, slots, writer, handingIn, nanoTime),
                new EvaluationWork(fetching, slots, nanoTime),
                new ScoringWork(fetching, slots, own));
    }

    /** What an agent of that home made of its jobs' adapters. */
    OwnAdapters own(Path home) throws IOException {
        return new OwnAdapters(ownFolder(home), 1 << 20);
    }

    /** Where the own adapter of a job lies. */
    Path ownFile(Path home, JobId job) {
        return ownFolder(home).resolve(job + ".safetensors");
    }

    private static Path ownFolder(Path home) {
        return home.resolveSibling("own-adapters-of-" + home.getFileName());
    }

    @Override
    public void close() {
        models.close();
    }
}
