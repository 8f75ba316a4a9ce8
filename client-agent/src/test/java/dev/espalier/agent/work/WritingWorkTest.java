package dev.espalier.agent.work;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.espalier.agent.TinyFederation;
import dev.espalier.agent.upload.MemoryAggregation;
import dev.espalier.lm.adapter.AdapterWeights;
import dev.espalier.lm.adapter.PeftFolder;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.tokens.TextToTextExample;
import dev.espalier.lm.train.TextToTextEvaluator;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.job.TaskSpec;
import dev.espalier.protocol.update.AdapterLayout;
import dev.espalier.protocol.update.AdapterTensor;
import dev.espalier.protocol.work.Assignment;
import dev.espalier.protocol.work.Outcome;
import dev.espalier.protocol.work.Progress;
import dev.espalier.tensors.Shape;
import dev.espalier.tensors.masked.UpdateFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Texts written from others, with a tiny T5. */
class WritingWorkTest {

    private static final VersionRef TRAINED = VersionRef.parse("subject-writer@2");

    @TempDir private Path folder;

    private final MemoryAggregation aggregation = new MemoryAggregation();
    private TestBench bench;
    private Path letters;

    @BeforeEach
    void settle() throws IOException {
        bench = new TestBench(folder);
        letters = folder.resolve("letters.csv");
        Files.writeString(letters, letters());
        bench.read(letters, "task", "TEXT_TO_TEXT", "held-out.path", letters.toString());
    }

    @AfterEach
    void leave() {
        bench.close();
    }

    @Test
    void itLearnsToWrite() throws Exception {
        Outcome.Evaluated before = evaluated(TinyFederation.WRITING_ADAPTER, new StillHeart());
        train(40);
        Outcome.Evaluated after = evaluated(TRAINED, new StillHeart());

        assertThat(after.loss()).isLessThan(before.loss() / 2);
        assertThat(after.rougeL()).isGreaterThan(before.rougeL());
        assertThat(after.bleu()).isBetween(0.0, 100.0);
        assertThat(after.accuracy()).isNull();
        assertThat(after.macroF1()).isNull();
    }

    @Test
    void theLossOfAllSlicesIsThatOfTheWholePerToken() throws Exception {
        Outcome.Evaluated found = evaluated(TinyFederation.WRITING_ADAPTER, new StillHeart());

        PeftFolder adapter = PeftFolder.read(folder.resolve("writer"));
        try (BaseModel base = BaseModel.load(TinyFederation.WRITING_MODEL)) {
            List<TextToTextExample> pairs =
                    Files.readAllLines(letters).stream()
                            .skip(1)
                            .map(row -> row.split(","))
                            .map(row ->
                                    TextToTextExample.of(
                                            base.tokenizer().encode(row[0], 16),
                                            base.tokenizer().encode(row[1], 8)))
                            .toList();
            assertThat(found.examples()).isEqualTo(pairs.size());
            assertThat(found.loss())
                    .isCloseTo(
                            new TextToTextEvaluator(base, 32)
                                    .evaluate(adapter.settings(), adapter.weights(), pairs)
                                    .loss(),
                            within(1e-6));
        }
    }

    @Test
    void everyDifferentSourceIsWrittenForOnce() throws Exception {
        List<Progress> told = new ArrayList<>();
        evaluated(
                TinyFederation.WRITING_ADAPTER,
                new StillHeart() {
                    @Override
                    public void note(Progress progress) {
                        if (progress.stage() == Progress.Stage.EVALUATING) {
                            told.add(progress);
                        }
                    }
                });

        int rows = 150;
        int sources = 6;
        assertThat(told.getLast().steps()).isEqualTo(rows + sources);
        assertThat(told.getLast().step()).isEqualTo(rows + sources);
    }

    @Test
    void itsLossIsScoredOnRowsToTrainOn() throws Exception {
        train(5);
        Outcome.Scored scored =
                (Outcome.Scored)
                        perform(
                                TinyFederation.score(
                                        3,
                                        TinyFederation.WRITING_TASK,
                                        TinyFederation.WRITING_BASE,
                                        TinyFederation.WRITING_ADAPTER,
                                        40,
                                        true),
                                new StillHeart());

        assertThat(scored.examples()).isEqualTo(40);
        assertThat(scored.ownLoss()).isLessThan(scored.loss());
    }

    @Test
    void aLossThatIsNoNumberIsAFailure() throws Exception {
        Path runAway = folder.resolve("run-away");
        TinyFederation.filled(folder.resolve("writer"), 1e30f, runAway);
        bench.publish(TRAINED, TinyFederation.WRITING_BASE, runAway);

        assertThat(reason(TinyFederation.writingEvaluate(2, TRAINED)))
                .isEqualTo("the loss is no number");
        assertThat(
                        reason(
                                TinyFederation.score(
                                        3,
                                        TinyFederation.WRITING_TASK,
                                        TinyFederation.WRITING_BASE,
                                        TRAINED,
                                        40,
                                        false)))
                .isEqualTo("the loss is no number");
    }

    @Test
    void aTaskThatModelOrDataDoNotFitIsRefusedByName() throws Exception {
        assertThat(
                        reason(
                                TinyFederation.evaluate(
                                        1,
                                        TinyFederation.WRITING_TASK,
                                        TinyFederation.BASE,
                                        TinyFederation.ADAPTER)))
                .contains("a bert model does not do TEXT_TO_TEXT");
        assertThat(reason(TinyFederation.evaluate(2)))
                .contains("data 'mail' of this agent is for TEXT_TO_TEXT");

        bench.read(TinyFederation.mail(folder.resolve("mail.csv"), 4, 1), "held-out.share", "1");
        TaskSpec classes = TinyFederation.TASK;
        assertThat(
                        reason(
                                TinyFederation.evaluate(
                                        3,
                                        classes,
                                        TinyFederation.WRITING_BASE,
                                        TinyFederation.WRITING_ADAPTER)))
                .contains("a t5 model does not do SEQUENCE_CLASSIFICATION");
    }

    private String reason(Assignment assignment) throws Exception {
        return ((Outcome.Failed) perform(assignment, new StillHeart())).reason();
    }

    private void train(int epochs) throws Exception {
        Assignment.Train train = TinyFederation.writingTrain(1, epochs);
        assertThat(perform(train, new StillHeart())).isInstanceOf(Outcome.Trained.class);
        Path adapter = folder.resolve("trained");
        PeftFolder start = PeftFolder.read(folder.resolve("writer"));
        try (BaseModel base = BaseModel.load(TinyFederation.WRITING_MODEL)) {
            new PeftFolder(start.settings(), uploaded(train))
                    .write(adapter, "tiny-t5", base.family());
        }
        bench.publish(TRAINED, TinyFederation.WRITING_BASE, adapter);
    }

    private AdapterWeights uploaded(Assignment.Train train) throws IOException {
        Path file = folder.resolve("update");
        Files.write(file, aggregation.update(train.round(), TestBench.ADA));
        AdapterWeights.Builder weights = AdapterWeights.builder();
        try (UpdateFile update = UpdateFile.open(file)) {
            for (AdapterTensor tensor : layout(train).tensors()) {
                long[] sizes = tensor.shape().stream().mapToLong(Integer::longValue).toArray();
                float[] values = new float[(int) tensor.elements()];
                update.tensor(tensor.name(), Shape.of(sizes))
                        .readValues(0, values, 0, values.length);
                weights.put(tensor.name(), Shape.of(sizes), values);
            }
        }
        return weights.build();
    }

    private static AdapterLayout layout(Assignment.Train train) throws IOException {
        return AdapterLayout.of(
                TinyFederation.writingBase().structure(), train.adapterSpec(), train.task());
    }

    private Outcome.Evaluated evaluated(VersionRef adapter, StillHeart heart) throws Exception {
        return (Outcome.Evaluated) perform(TinyFederation.writingEvaluate(2, adapter), heart);
    }

    private Outcome perform(Assignment assignment, StillHeart heart) throws Exception {
        return bench.agent(folder.resolve("home"), () -> 0, aggregation)
                .perform(assignment, heart)
                .orElseThrow();
    }

    /** Six texts to read, with two texts to write for each. */
    private static String letters() {
        List<String> texts = List.of("lunch", "money", "report", "prize", "team", "bank");
        StringBuilder rows = new StringBuilder("text,target\n");
        for (int i = 0; i < 150; i++) {
            String text = texts.get(i % texts.size());
            String target = i / 6 % 2 == 0 ? "see you at " : "please send the ";
            rows.append("this is the ").append(text).append(',');
            rows.append(target).append(text).append('\n');
        }
        return rows.toString();
    }
}
