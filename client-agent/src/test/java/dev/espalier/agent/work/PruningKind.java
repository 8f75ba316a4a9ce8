package dev.espalier.agent.work;

import dev.espalier.agent.TinyFederation;
import dev.espalier.agent.model.Versions;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.prune.Calibration;
import dev.espalier.lm.tokens.TextToTextExample;
import dev.espalier.protocol.AssignmentId;
import dev.espalier.protocol.DataName;
import dev.espalier.protocol.JobId;
import dev.espalier.protocol.RoundId;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.job.TaskSpec;
import dev.espalier.protocol.work.Assignment;
import dev.espalier.protocol.work.PrunePlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/** A tiny model of each kind that can be pruned, with data for it. */
enum PruningKind {
    CLASSIFIES(TinyFederation.MODEL, TinyFederation.BASE, TinyFederation.TASK) {
        @Override
        Path data(Path folder, int rows) throws IOException {
            return TinyFederation.mail(folder.resolve("mail.csv"), rows, 5);
        }

        @Override
        Calibration calibration(BaseModel base, Path data) throws IOException {
            return Calibration.texts(
                    cells(data).map(row -> base.tokenizer().encode(row[0], 16)).toList());
        }
    },
    WRITES(
            TinyFederation.WRITING_MODEL,
            TinyFederation.WRITING_BASE,
            TinyFederation.WRITING_TASK,
            "task",
            "TEXT_TO_TEXT") {
        @Override
        Path data(Path folder, int rows) throws IOException {
            List<String> texts = List.of("lunch", "money", "report", "prize", "team", "bank");
            StringBuilder letters = new StringBuilder("text,target\n");
            for (int i = 0; i < rows; i++) {
                String text = texts.get(i % texts.size());
                letters.append("this is the ".repeat(1 + i % 2)).append(text).append(',');
                letters.append("see you at ").append(text).append('\n');
            }
            return Files.writeString(folder.resolve("letters.csv"), letters);
        }

        @Override
        Calibration calibration(BaseModel base, Path data) throws IOException {
            return Calibration.pairs(
                    cells(data)
                            .map(row ->
                                    TextToTextExample.of(
                                            base.tokenizer().encode(row[0], 16),
                                            base.tokenizer().encode(row[1], 8)))
                            .toList());
        }
    },
    CONTINUES(
            Path.of("src/test/resources/tiny-llama"),
            VersionRef.parse("tiny-llama@1"),
            TaskSpec.languageModelling(12),
            "task",
            "CAUSAL_LANGUAGE_MODELLING") {
        @Override
        Path data(Path folder, int rows) throws IOException {
            List<String> who = List.of("dog", "cat", "bird", "fox");
            List<String> does = List.of("runs", "sleeps", "sings");
            StringBuilder stories = new StringBuilder("text\n");
            for (int i = 0; i < rows; i++) {
                stories.append("the %s %s home .%n".formatted(who.get(i % 4), does.get(i % 3)));
            }
            return Files.writeString(folder.resolve("stories.tsv"), stories);
        }

        /** All windows of the joined text: an incomplete last one is dropped, none is padded. */
        @Override
        Calibration calibration(BaseModel base, Path data) throws IOException {
            String text = String.join("\n\n", cells(data).map(row -> row[0]).toList());
            return Calibration.windows(base.tokenizer().encode(text).ids(), 12);
        }
    };

    final Path model;
    final VersionRef base;
    final TaskSpec task;
    private final List<String> settings;

    PruningKind(Path model, VersionRef base, TaskSpec task, String... settings) {
        this.model = model;
        this.base = base;
        this.task = task;
        this.settings = List.of(settings);
    }

    /** Writes so many rows. */
    abstract Path data(Path folder, int rows) throws IOException;

    /** All of them, as pruning reads them, made without the agent. */
    abstract Calibration calibration(BaseModel base, Path data) throws IOException;

    private static Stream<String[]> cells(Path data) throws IOException {
        return Files.readAllLines(data).stream().skip(1).map(row -> row.split(","));
    }

    /** Gives the agents of a bench that data, all of it to work on and all of it held out. */
    void read(TestBench bench, Path data) throws IOException {
        List<String> all = new ArrayList<>(settings);
        Collections.addAll(all, "held-out.path", data.toString());
        bench.read(data, all.toArray(String[]::new));
        bench.publish(Versions.base(base, model), model);
    }

    Assignment.Prune prune(int number, PrunePlan plan) {
        return prune(number, base, plan);
    }

    /** The same of another base of this kind. */
    Assignment.Prune prune(int number, VersionRef base, PrunePlan plan) {
        return new Assignment.Prune(
                new AssignmentId(new UUID(1, number)),
                new JobId(new UUID(2, 0)),
                new RoundId(new UUID(3, number)),
                number,
                new DataName("mail"),
                task,
                base,
                plan,
                42 + number,
                TinyFederation.TOKEN,
                Instant.parse("2099-01-01T00:00:00Z"));
    }
}
