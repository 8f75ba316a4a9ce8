package dev.espalier.agent.work;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.agent.TinyFederation;
import dev.espalier.agent.data.DataRoom;
import dev.espalier.agent.data.DataSettings;
import dev.espalier.agent.journal.Journal;
import dev.espalier.agent.model.BaseModels;
import dev.espalier.agent.model.FolderRegistry;
import dev.espalier.agent.model.VersionCache;
import dev.espalier.agent.neighbour.Patience;
import dev.espalier.agent.poll.Heartbeat;
import dev.espalier.agent.upload.MemoryAggregation;
import dev.espalier.agent.upload.UpdateWriter;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.Digest;
import dev.espalier.protocol.work.Assignment;
import dev.espalier.protocol.work.Outcome;
import dev.espalier.protocol.work.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import tools.jackson.databind.json.JsonMapper;

/**
 * Resuming is the same as not having crashed. The clock stands still, so that a run's bytes hold no
 * time; a crash is an error thrown out of a call of it, which happens around every step.
 */
class CrashTest {

    private static final AgentName ADA = new AgentName("ada");
    private static final Assignment.Train TRAIN = TinyFederation.train(1, 3);
    private static final JsonMapper JSON = JsonMapper.builder().build();

    @TempDir private Path folder;

    private final BaseModels models = new BaseModels();
    private final MemoryAggregation aggregation = new MemoryAggregation();
    private FolderRegistry registry;
    private DataRoom room;

    @BeforeEach
    void settle() throws IOException {
        Path adapter = folder.resolve("adapter");
        registry =
                new FolderRegistry()
                        .with(TinyFederation.base(), TinyFederation.MODEL)
                        .with(TinyFederation.adapter(adapter), adapter);
        Path mail = TinyFederation.mail(folder.resolve("mail.csv"), 26, 1);
        room = room(mail);
    }

    @AfterEach
    void leave() {
        models.close();
    }

    static IntStream cuts() {
        return IntStream.range(1, 80).filter(cut -> cut < 8 || cut % 7 == 0);
    }

    @ParameterizedTest(name = "killed at call {0} of the clock")
    @MethodSource("cuts")
    void aCrashAnywhereGivesTheSameBytes(int cut) throws Exception {
        byte[] expected = uninterrupted();
        Path home = folder.resolve("crashed");

        LongSupplier killer = killer(cut);
        try {
            agent(home, killer, aggregation).perform(TRAIN, new StillHeart());
        } catch (Crash crash) {
            agent(home, () -> 0, aggregation).perform(TRAIN, new StillHeart());
        }

        assertThat(aggregation.update(TRAIN.round(), ADA)).isEqualTo(expected);
    }

    @Test
    void manyCrashesInARowGiveTheSameBytes() throws Exception {
        byte[] expected = uninterrupted();
        Path home = folder.resolve("crashed");
        Random any = new Random(1);

        boolean done = false;
        int crashes = 0;
        while (!done) {
            try {
                agent(home, killer(8 + any.nextInt(12)), aggregation)
                        .perform(TRAIN, new StillHeart());
                done = true;
            } catch (Crash crash) {
                crashes++;
            }
        }

        assertThat(crashes).isGreaterThan(2);
        assertThat(aggregation.update(TRAIN.round(), ADA)).isEqualTo(expected);
    }

    @Test
    void anUpdateThatWasFinishedIsHandedInAgainAndNotTrainedAgain() throws Exception {
        Path home = folder.resolve("home");
        Journal journal = new Journal(home, JSON);
        Outcome first = agent(home, () -> 0, aggregation).perform(TRAIN, new StillHeart()).get();

        Files.delete(journal.page(TRAIN.id()).checkpoint().resolveSibling("notes.json"));
        Outcome again =
                agent(home, () -> 0, aggregation)
                        .perform(
                                TRAIN,
                                new StillHeart() {
                                    @Override
                                    public void note(Progress progress) {
                                        assertThat(progress.stage())
                                                .isEqualTo(Progress.Stage.UPLOADING);
                                    }
                                })
                        .get();

        assertThat(((Outcome.Trained) again).digest())
                .isEqualTo(((Outcome.Trained) first).digest());
    }

    @Test
    void aStoppedRunKeepsQuietAndACheckpointOfOtherDataIsNotUsed() throws Exception {
        byte[] expected = uninterrupted();
        Path home = folder.resolve("home");
        room = room(TinyFederation.mail(folder.resolve("other.csv"), 30, 2));
        assertThatThrownBy(() ->
                        agent(home, killer(20), new MemoryAggregation())
                                .perform(TRAIN, new StillHeart()))
                .isInstanceOf(Crash.class);
        room = room(folder.resolve("mail.csv"));

        assertThat(agent(home, () -> 0, aggregation).perform(TRAIN, stopAfter(2))).isEmpty();
        agent(home, () -> 0, aggregation).perform(TRAIN, new StillHeart());

        assertThat(aggregation.update(TRAIN.round(), ADA)).isEqualTo(expected);
    }

    @Test
    void shuttingDownKeepsWhatWasDone() throws Exception {
        byte[] expected = uninterrupted();
        Path home = folder.resolve("home");
        Heartbeat shutDownAtStepFive =
                new StillHeart() {
                    @Override
                    public void note(Progress progress) {
                        if (progress.stage() == Progress.Stage.TRAINING && progress.step() == 5) {
                            Thread.currentThread().interrupt();
                        }
                    }
                };

        assertThatThrownBy(
                        () -> agent(home, () -> 0, aggregation).perform(TRAIN, shutDownAtStepFive))
                .isInstanceOf(InterruptedException.class);
        AtomicInteger firstStep = new AtomicInteger();
        agent(home, () -> 0, aggregation)
                .perform(
                        TRAIN,
                        new StillHeart() {
                            @Override
                            public void note(Progress progress) {
                                if (progress.step() > 2) {
                                    firstStep.compareAndSet(0, progress.step());
                                }
                            }
                        });

        assertThat(firstStep).hasValue(6);
        assertThat(aggregation.update(TRAIN.round(), ADA)).isEqualTo(expected);
    }

    private byte[] uninterrupted() throws Exception {
        MemoryAggregation alone = new MemoryAggregation();
        Outcome outcome =
                agent(folder.resolve("whole"), () -> 0, alone)
                        .perform(TRAIN, new StillHeart())
                        .get();
        byte[] update = alone.update(TRAIN.round(), ADA);
        assertThat(((Outcome.Trained) outcome).digest()).isEqualTo(Digest.of(update));
        return update;
    }

    private Workbench agent(Path home, LongSupplier nanoTime, MemoryAggregation to)
            throws IOException {
        Patience patience =
                new Patience(Duration.ZERO, Duration.ZERO, new Random(1), duration -> {});
        VersionCache cache =
                new VersionCache(
                        folder.resolve("cache"), 1 << 30, registry, InstantSource.system());
        Fetching fetching = new Fetching(cache, models, patience);
        TrainingSlots slots = new TrainingSlots(1);
        TrainingWork training =
                new TrainingWork(
                        ADA,
                        fetching,
                        slots,
                        new UpdateWriter(JSON),
                        to,
                        patience,
                        Duration.ZERO,
                        nanoTime);
        return new Workbench(
                room,
                new Journal(home, JSON),
                training,
                new EvaluationWork(fetching, slots, nanoTime));
    }

    private static DataRoom room(Path mail) {
        DataSettings settings =
                new Binder(
                                new MapConfigurationPropertySource(
                                        Map.of("d.name", "mail", "d.path", mail.toString())))
                        .bind("d", Bindable.of(DataSettings.class))
                        .get();
        return DataRoom.open(List.of(settings));
    }

    /** A clock that stands still and kills its process at one of its calls. */
    private static LongSupplier killer(int cut) {
        AtomicInteger calls = new AtomicInteger();
        return () -> {
            if (calls.incrementAndGet() == cut) {
                throw new Crash();
            }
            return 0;
        };
    }

    private static Heartbeat stopAfter(int steps) {
        AtomicInteger seen = new AtomicInteger();
        return new Heartbeat() {
            @Override
            public void note(Progress progress) {
                seen.set(progress.stage() == Progress.Stage.TRAINING ? progress.step() : 0);
            }

            @Override
            public boolean isStopped() {
                return seen.get() >= steps;
            }
        };
    }

    private static class StillHeart implements Heartbeat {

        @Override
        public void note(Progress progress) {}

        @Override
        public boolean isStopped() {
            return false;
        }
    }

    /** Like a kill: nothing of ours catches it. */
    private static final class Crash extends Error {

        private static final long serialVersionUID = 1;
    }
}
