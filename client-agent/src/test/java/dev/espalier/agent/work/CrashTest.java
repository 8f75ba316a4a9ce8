package dev.espalier.agent.work;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.agent.TinyFederation;
import dev.espalier.agent.journal.Journal;
import dev.espalier.agent.poll.Heartbeat;
import dev.espalier.agent.upload.MemoryAggregation;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.Digest;
import dev.espalier.protocol.job.HeadPruningSpec;
import dev.espalier.protocol.job.ImportanceSpec;
import dev.espalier.protocol.update.Scope;
import dev.espalier.protocol.update.UploadPlan;
import dev.espalier.protocol.work.Assignment;
import dev.espalier.protocol.work.Outcome;
import dev.espalier.protocol.work.Progress;
import dev.espalier.protocol.work.RankPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/**
 * Resuming is the same as not having crashed. The clock stands still, so that a run's bytes hold no
 * time; a crash is an error thrown out of a call of it, which happens around every step.
 */
class CrashTest {

    private static final AgentName ADA = TestBench.ADA;
    private static final Assignment.Train TRAIN = TinyFederation.train(1, 3);

    private static final String UPPER = "bert.encoder.layer.1.attention.self.";

    private static final Assignment.Train PRUNED =
            TinyFederation.pruning(
                    TRAIN,
                    TinyFederation.LORA,
                    TinyFederation.plan(
                            "0.5",
                            4,
                            HeadPruningSpec.Ranking.GLOBAL,
                            HeadPruningSpec.Score.CONFIDENCE,
                            HeadPruningSpec.Mode.REMOVE,
                            Map.of()));

    private static final Assignment.Train RANKED =
            TinyFederation.ranked(
                    TRAIN,
                    TinyFederation.ADAPTER,
                    new Scope(
                            null,
                            Map.of(UPPER + "query", List.of(1), UPPER + "value", List.of(0, 3))),
                    PRUNED.heads(),
                    new RankPlan(
                            2,
                            false,
                            new ImportanceSpec(
                                    ImportanceSpec.Score.ADALORA,
                                    ImportanceSpec.Source.CLIENT_GRADIENT,
                                    null,
                                    null)),
                    new UploadPlan(null, 300L));

    @TempDir private Path folder;

    private final MemoryAggregation aggregation = new MemoryAggregation();
    private TestBench bench;

    @BeforeEach
    void settle() throws IOException {
        bench = new TestBench(folder);
        bench.read(TinyFederation.mail(folder.resolve("mail.csv"), 26, 1));
    }

    @AfterEach
    void leave() {
        bench.close();
    }

    @ParameterizedTest(name = "killed at call {0} of the clock")
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 8, 11, 19, 31})
    void aCrashWithFewerHeadsGivesTheSameBytesWithoutScoringTwice(int cut) throws Exception {
        byte[] expected = uninterrupted(PRUNED);
        Path home = folder.resolve("crashed");
        List<Progress.Stage> stages = new ArrayList<>();

        assertThatThrownBy(() ->
                        bench.agent(home, killer(cut), aggregation)
                                .perform(PRUNED, new StillHeart()))
                .isInstanceOf(Crash.class);
        boolean scored =
                new Journal(home, JsonMapper.shared()).page(PRUNED.id()).heads().isPresent();
        bench.agent(home, () -> 0, aggregation)
                .perform(
                        PRUNED,
                        new StillHeart() {
                            @Override
                            public void note(Progress progress) {
                                stages.add(progress.stage());
                            }
                        });

        assertThat(aggregation.update(PRUNED.round(), ADA)).isEqualTo(expected);
        assertThat(stages.contains(Progress.Stage.SCORING)).isEqualTo(!scored);
        assertThat(scored).isEqualTo(cut > 2);
    }

    /** Cells of heads and components, measured, with a budget: all of it is there again. */
    @ParameterizedTest(name = "killed at call {0} of the clock")
    @ValueSource(ints = {2, 3, 5, 9, 10, 11, 24, 47})
    void aCrashWithFewerComponentsGivesTheSameBytes(int cut) throws Exception {
        byte[] expected = uninterrupted(RANKED);
        Path home = folder.resolve("crashed");

        assertThatThrownBy(() ->
                        bench.agent(home, killer(cut), aggregation)
                                .perform(RANKED, new StillHeart()))
                .isInstanceOf(Crash.class);
        bench.agent(home, () -> 0, aggregation).perform(RANKED, new StillHeart());

        assertThat(aggregation.update(RANKED.round(), ADA)).isEqualTo(expected);
    }

    /** What was seen of the importance belongs to one step: without it the run begins anew. */
    @Test
    void aCheckpointWhoseImportanceIsLostIsNotUsed() throws Exception {
        byte[] expected = uninterrupted(RANKED);
        Path home = folder.resolve("crashed");
        assertThatThrownBy(() ->
                        bench.agent(home, killer(24), aggregation)
                                .perform(RANKED, new StillHeart()))
                .isInstanceOf(Crash.class);
        Path page = new Journal(home, JsonMapper.shared()).page(RANKED.id()).update().getParent();
        try (Stream<Path> files = Files.list(page)) {
            List<Path> importance =
                    files.filter(file -> file.getFileName().toString().startsWith("importance"))
                            .toList();
            assertThat(importance).hasSize(1);
            Files.delete(importance.getFirst());
        }

        bench.agent(home, () -> 0, aggregation).perform(RANKED, new StillHeart());

        assertThat(aggregation.update(RANKED.round(), ADA)).isEqualTo(expected);
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
            bench.agent(home, killer, aggregation).perform(TRAIN, new StillHeart());
        } catch (Crash crash) {
            bench.agent(home, () -> 0, aggregation).perform(TRAIN, new StillHeart());
        }

        assertThat(aggregation.update(TRAIN.round(), ADA)).isEqualTo(expected);
        assertThat(bench.own(home).find(TRAIN.job()))
                .isPresent()
                .isEqualTo(bench.own(folder.resolve("whole")).find(TRAIN.job()));
    }

    @Test
    void aRunThatWasBegunWithOtherMemoryForStatesBeginsAnew() throws Exception {
        byte[] expected = uninterrupted();
        Path home = folder.resolve("crashed");
        assertThatThrownBy(() ->
                        bench.agent(home, killer(20), aggregation).perform(TRAIN, new StillHeart()))
                .isInstanceOf(Crash.class);

        bench.stateBytes = 0;
        List<Integer> steps = new ArrayList<>();
        bench.agent(home, () -> 0, aggregation)
                .perform(
                        TRAIN,
                        new StillHeart() {
                            @Override
                            public void note(Progress progress) {
                                if (progress.stage() == Progress.Stage.TRAINING) {
                                    steps.add(progress.step());
                                }
                            }
                        });

        assertThat(steps).startsWith(0, 1, 2);
        assertThat(aggregation.update(TRAIN.round(), ADA)).isEqualTo(expected);
    }

    @Test
    void anOwnAdapterThatCannotBeKeptCostsNoTraining() throws Exception {
        byte[] expected = uninterrupted();
        Path home = folder.resolve("full-disk");
        Path file = bench.ownFile(home, TRAIN.job());
        Files.createDirectories(file.resolve("in-the-way"));

        Outcome outcome =
                bench.agent(home, () -> 0, aggregation).perform(TRAIN, new StillHeart()).get();

        assertThat(outcome).isInstanceOf(Outcome.Trained.class);
        assertThat(aggregation.update(TRAIN.round(), ADA)).isEqualTo(expected);
        assertThat(bench.own(home).find(TRAIN.job())).isEmpty();
    }

    /** Every look at this clock is a second later: whatever is timed once takes one second. */
    @ParameterizedTest
    @EnumSource
    void secondsOfTrainingAreScoringTakingHeadsOutAndSteps(HeadPruningSpec.Mode mode)
            throws Exception {
        double dense = seconds(TRAIN);
        double pruned =
                seconds(
                        TinyFederation.pruning(
                                TRAIN,
                                TinyFederation.LORA,
                                TinyFederation.plan(
                                        "0.5",
                                        4,
                                        HeadPruningSpec.Ranking.GLOBAL,
                                        HeadPruningSpec.Score.CONFIDENCE,
                                        mode,
                                        Map.of())));

        int steps = 3 * 7; // 26 rows in batches of 4
        assertThat(dense).isEqualTo(steps);
        assertThat(pruned).isEqualTo(steps + 2);
    }

    private double seconds(Assignment.Train train) throws Exception {
        AtomicLong time = new AtomicLong();
        Path home = folder.resolve("timed-" + (train.heads() == null ? "dense" : "pruned"));
        Outcome outcome =
                bench.agent(home, () -> time.addAndGet(1_000_000_000), new MemoryAggregation())
                        .perform(train, new StillHeart())
                        .get();
        return ((Outcome.Trained) outcome).trainSeconds();
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
                bench.agent(home, killer(8 + any.nextInt(12)), aggregation)
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
        Journal journal = new Journal(home, JsonMapper.shared());
        Outcome first =
                bench.agent(home, () -> 0, aggregation).perform(TRAIN, new StillHeart()).get();

        Files.delete(journal.page(TRAIN.id()).checkpoint().resolveSibling("notes.json"));
        Outcome again =
                bench.agent(home, () -> 0, aggregation)
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
        bench.read(TinyFederation.mail(folder.resolve("other.csv"), 30, 2));
        assertThatThrownBy(() ->
                        bench.agent(home, killer(20), new MemoryAggregation())
                                .perform(TRAIN, new StillHeart()))
                .isInstanceOf(Crash.class);
        bench.read(folder.resolve("mail.csv"));

        assertThat(bench.agent(home, () -> 0, aggregation).perform(TRAIN, stopAfter(2))).isEmpty();
        bench.agent(home, () -> 0, aggregation).perform(TRAIN, new StillHeart());

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

        assertThatThrownBy(() ->
                        bench.agent(home, () -> 0, aggregation).perform(TRAIN, shutDownAtStepFive))
                .isInstanceOf(InterruptedException.class);
        AtomicInteger firstStep = new AtomicInteger();
        bench.agent(home, () -> 0, aggregation)
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
        return uninterrupted(TRAIN);
    }

    private byte[] uninterrupted(Assignment.Train train) throws Exception {
        MemoryAggregation alone = new MemoryAggregation();
        Outcome outcome =
                bench.agent(folder.resolve("whole"), () -> 0, alone)
                        .perform(train, new StillHeart())
                        .get();
        byte[] update = alone.update(train.round(), ADA);
        assertThat(((Outcome.Trained) outcome).digest()).isEqualTo(Digest.of(update));
        return update;
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

    /** Like a kill: nothing of ours catches it. */
    private static final class Crash extends Error {

        private static final long serialVersionUID = 1;
    }
}
