package dev.espalier.agent.work;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.espalier.agent.TinyFederation;
import dev.espalier.agent.upload.MemoryAggregation;
import dev.espalier.lm.adapter.PeftFolder;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.metric.Evaluation;
import dev.espalier.lm.tokens.Example;
import dev.espalier.lm.train.Evaluator;
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

class EvaluationWorkTest {

    @TempDir private Path folder;

    private TestBench bench;

    @BeforeEach
    void settle() throws IOException {
        bench = new TestBench(folder);
        Path mail = TinyFederation.mail(folder.resolve("mail.csv"), 300, 3);
        bench.read(mail, "held-out.share", "1");
    }

    @AfterEach
    void leave() {
        bench.close();
    }

    @Test
    void slicesAddUpToTheWhole() throws Exception {
        Outcome.Evaluated found = (Outcome.Evaluated) evaluate(new StillHeart());
        Evaluation whole = whole();

        assertThat(found.examples()).isEqualTo(300);
        assertThat(found.accuracy()).isEqualTo(whole.accuracy());
        assertThat(found.macroF1()).isEqualTo(whole.macroF1());
        assertThat(found.loss()).isCloseTo(whole.loss(), within(1e-6));
    }

    @Test
    void progressIsTold() throws Exception {
        List<Integer> steps = new ArrayList<>();
        evaluate(
                new StillHeart() {
                    @Override
                    public void note(Progress progress) {
                        if (progress.stage() == Progress.Stage.EVALUATING) {
                            steps.add(progress.step());
                        }
                    }
                });

        assertThat(steps).containsExactly(128, 256, 300);
    }

    @Test
    void aLossThatIsNoNumberIsAFailure() throws Exception {
        Path runAway = folder.resolve("run-away");
        TinyFederation.filled(folder.resolve("adapter"), 1e30f, runAway);
        bench.publish(TinyFederation.OTHER_ADAPTER, TinyFederation.BASE, runAway);

        Outcome found =
                perform(
                        TinyFederation.evaluate(
                                1,
                                TinyFederation.TASK,
                                TinyFederation.BASE,
                                TinyFederation.OTHER_ADAPTER),
                        new StillHeart());

        assertThat(found)
                .isInstanceOfSatisfying(
                        Outcome.Failed.class,
                        failed -> assertThat(failed.reason()).isEqualTo("the loss is no number"));
    }

    private Outcome evaluate(StillHeart heartbeat) throws Exception {
        return perform(TinyFederation.evaluate(1), heartbeat);
    }

    private Outcome perform(Assignment.Evaluate evaluate, StillHeart heartbeat) throws Exception {
        return bench.agent(folder.resolve("home"), () -> 0, new MemoryAggregation())
                .perform(evaluate, heartbeat)
                .orElseThrow();
    }

    private Evaluation whole() throws IOException {
        List<String> rows = Files.readAllLines(folder.resolve("mail.csv"));
        PeftFolder adapter = PeftFolder.read(folder.resolve("adapter"));
        try (BaseModel base = BaseModel.load(TinyFederation.MODEL)) {
            List<Example> examples =
                    rows.stream()
                            .skip(1)
                            .map(row -> row.split(","))
                            .map(row ->
                                    new Example(
                                            base.tokenizer().encode(row[0], 16),
                                            row[1].equals("spam") ? 1 : 0))
                            .toList();
            return new Evaluator(base, adapter.settings(), 32)
                    .evaluate(adapter.weights(), examples);
        }
    }
}
