package dev.espalier.agent.work;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.espalier.agent.TinyFederation;
import dev.espalier.agent.upload.MemoryAggregation;
import dev.espalier.lm.adapter.PeftFolder;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.tokens.Example;
import dev.espalier.lm.train.Evaluator;
import dev.espalier.protocol.job.AdapterSpec;
import dev.espalier.protocol.work.Assignment;
import dev.espalier.protocol.work.Outcome;
import dev.espalier.protocol.work.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScoringWorkTest {

    @TempDir private Path folder;

    private TestBench bench;

    @BeforeEach
    void settle() throws IOException {
        bench = new TestBench(folder);
        bench.read(TinyFederation.mail(folder.resolve("mail.csv"), 200, 3));
    }

    @AfterEach
    void leave() {
        bench.close();
    }

    @Test
    void theLossIsThatOfTheNamedAdapterOnTheTrainingRows() throws Exception {
        Outcome.Scored found = scored(TinyFederation.score(1, 1000, true));

        assertThat(found.examples()).isEqualTo(200);
        assertThat(found.loss()).isCloseTo(wholeLoss(), within(1e-6));
        assertThat(found.ownLoss()).as("it never trained").isNull();
    }

    @Test
    void samplesAreDrawnBySeed() throws Exception {
        Outcome.Scored some = scored(TinyFederation.score(1, 30, false));

        assertThat(some.examples()).isEqualTo(30);
        assertThat(some).isEqualTo(scored(TinyFederation.score(1, 30, false)));
        assertThat(some.loss()).isNotEqualTo(scored(TinyFederation.score(2, 30, false)).loss());
    }

    @Test
    void whatItTrainedLastIsMeasuredOnTheSameRows() throws Exception {
        train(TinyFederation.train(1, 5));

        Outcome.Scored both = scored(TinyFederation.score(2, 50, true));

        assertThat(both.loss()).isEqualTo(scored(TinyFederation.score(2, 50, false)).loss());
        assertThat(both.ownLoss()).isPositive().isLessThan(both.loss());
        assertThat(scored(TinyFederation.score(2, 50, false)).ownLoss()).isNull();
    }

    @Test
    void anAdapterOfAnotherFormIsNotItsOwn() throws Exception {
        Assignment.Train train = TinyFederation.train(1, 1);
        Path other = folder.resolve("other");
        TinyFederation.adapter(other, 2);
        bench.publish(TinyFederation.OTHER_ADAPTER, TinyFederation.BASE, other);
        train(train);
        Assignment.Score score = TinyFederation.score(2, 50, true);

        Outcome.Scored found =
                scored(
                        new Assignment.Score(
                                score.id(),
                                score.job(),
                                score.round(),
                                score.roundNumber(),
                                score.data(),
                                score.task(),
                                score.base(),
                                TinyFederation.OTHER_ADAPTER,
                                new AdapterSpec(2, 4.0, 0.1, null),
                                score.samples(),
                                true,
                                score.seed(),
                                score.deadline()));

        assertThat(found.ownLoss()).isNull();
    }

    @Test
    void aLossThatIsNoNumberIsAFailure() throws Exception {
        Path runAway = folder.resolve("run-away");
        TinyFederation.filled(folder.resolve("adapter"), 1e30f, runAway);
        bench.publish(TinyFederation.OTHER_ADAPTER, TinyFederation.BASE, runAway);

        assertThat(
                        perform(
                                TinyFederation.score(
                                        2,
                                        TinyFederation.TASK,
                                        TinyFederation.BASE,
                                        TinyFederation.OTHER_ADAPTER,
                                        50,
                                        false)))
                .isInstanceOfSatisfying(
                        Outcome.Failed.class,
                        failed -> {
                            assertThat(failed.reason()).isEqualTo("the loss is no number");
                            assertThat(failed.bytesDown()).isPositive();
                        });
    }

    @Test
    void anOwnAdapterThatRanAwayIsAsGoodAsNoneButItsPassIsCounted() throws Exception {
        Outcome.Scored alone = scored(TinyFederation.score(2, 50, false));
        Assignment.Score score = TinyFederation.score(2, 50, true);
        bench.own(folder.resolve("home"))
                .keep(
                        score.job(),
                        TinyFederation.filled(
                                folder.resolve("adapter"), 1e30f, folder.resolve("run-away")));

        Outcome.Scored both = scored(score);

        assertThat(both.ownLoss()).isNull();
        assertThat(both.loss()).isEqualTo(alone.loss());
        assertThat(both.cost().scoringMacs()).isEqualTo(2 * alone.cost().scoringMacs());
    }

    @Test
    void progressIsToldAndAStopIsHeard() throws Exception {
        List<Integer> steps = new ArrayList<>();
        StillHeart watcher =
                new StillHeart() {
                    @Override
                    public void note(Progress progress) {
                        if (progress.stage() == Progress.Stage.SCORING) {
                            steps.add(progress.step());
                        }
                    }

                    @Override
                    public boolean isStopped() {
                        return steps.size() == 2;
                    }
                };
        train(TinyFederation.train(1, 1));

        assertThat(
                        bench.agent(folder.resolve("home"), () -> 0, new MemoryAggregation())
                                .perform(TinyFederation.score(2, 1000, true), watcher))
                .isEmpty();
        assertThat(steps).containsExactly(128, 200);
    }

    private void train(Assignment.Train train) throws Exception {
        assertThat(
                        bench.agent(folder.resolve("home"), () -> 0, new MemoryAggregation())
                                .perform(train, new StillHeart()))
                .get()
                .isInstanceOf(Outcome.Trained.class);
    }

    private Outcome.Scored scored(Assignment.Score score) throws Exception {
        return (Outcome.Scored) perform(score);
    }

    private Outcome perform(Assignment.Score score) throws Exception {
        return bench.agent(folder.resolve("home"), () -> 0, new MemoryAggregation())
                .perform(score, new StillHeart())
                .orElseThrow();
    }

    private double wholeLoss() throws IOException {
        PeftFolder adapter = PeftFolder.read(folder.resolve("adapter"));
        try (BaseModel base = BaseModel.load(TinyFederation.MODEL)) {
            List<Example> examples =
                    Files.readAllLines(folder.resolve("mail.csv")).stream()
                            .skip(1)
                            .map(row -> row.split(","))
                            .map(row ->
                                    new Example(
                                            base.tokenizer().encode(row[0], 16),
                                            row[1].equals("spam") ? 1 : 0))
                            .toList();
            return new Evaluator(base, adapter.settings(), 32)
                    .evaluate(adapter.weights(), examples)
                    .loss();
        }
    }
}
