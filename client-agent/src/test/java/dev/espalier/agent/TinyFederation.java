package dev.espalier.agent;

import dev.espalier.agent.model.Versions;
import dev.espalier.lm.adapter.AdapterSettings;
import dev.espalier.lm.adapter.PeftFolder;
import dev.espalier.lm.adapter.TargetModules;
import dev.espalier.lm.adapter.TaskHead;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.compute.Compute;
import dev.espalier.protocol.AssignmentId;
import dev.espalier.protocol.DataName;
import dev.espalier.protocol.JobId;
import dev.espalier.protocol.RoundId;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.job.AdapterSpec;
import dev.espalier.protocol.job.TaskSpec;
import dev.espalier.protocol.job.TrainingSpec;
import dev.espalier.protocol.model.VersionManifest;
import dev.espalier.protocol.update.Scope;
import dev.espalier.protocol.work.Assignment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.UUID;

/** A tiny real BERT, a first adapter for it, and assignments about them. */
public final class TinyFederation {

    public static final Path MODEL = Path.of("src/test/resources/tiny-bert");
    public static final VersionRef BASE = VersionRef.parse("tiny-bert@1");
    public static final VersionRef ADAPTER = VersionRef.parse("spam-filter@1");
    public static final AdapterSpec LORA = new AdapterSpec(4, 8.0, 0.1, null);
    public static final TaskSpec TASK = TaskSpec.classification(List.of("ham", "spam"), 16);
    public static final String TOKEN = "upload-token";

    private static final List<String> HAM = List.of("meeting", "report", "lunch", "team", "notes");
    private static final List<String> SPAM = List.of("win", "money", "prize", "free", "cash");

    private TinyFederation() {}

    public static VersionManifest base() throws IOException {
        return Versions.base(BASE, MODEL);
    }

    /** Draws the first adapter into that folder. */
    public static VersionManifest adapter(Path folder) throws IOException {
        Compute.useThreads(1);
        AdapterSettings settings =
                new AdapterSettings(
                        4,
                        8,
                        0.1,
                        TargetModules.names("query", "value"),
                        TaskHead.trained(TASK.labels()));
        try (BaseModel base = BaseModel.load(MODEL)) {
            new PeftFolder(settings, base.freshAdapter(settings, 1)).write(folder, "tiny-bert");
        }
        return Versions.adapter(ADAPTER, folder, BASE);
    }

    /** Mail that a tiny model can learn to tell apart. */
    public static Path mail(Path file, int rows, long seed) throws IOException {
        Random any = new Random(seed);
        StringBuilder csv = new StringBuilder("text,label\n");
        for (int i = 0; i < rows; i++) {
            boolean spam = i % 2 == 0;
            List<String> words = spam ? SPAM : HAM;
            for (int w = 0; w < 3 + any.nextInt(6); w++) {
                csv.append(words.get(any.nextInt(words.size()))).append(' ');
            }
            csv.append(spam ? ",spam\n" : ",ham\n");
        }
        return Files.writeString(file, csv);
    }

    public static Assignment.Train train(int number, int epochs) {
        return new Assignment.Train(
                new AssignmentId(new UUID(1, number)),
                new JobId(new UUID(2, 0)),
                new RoundId(new UUID(3, number)),
                number,
                new DataName("mail"),
                TASK,
                BASE,
                ADAPTER,
                LORA,
                new TrainingSpec(epochs, 4, 0.01, null, null, null, null, null),
                Scope.whole(),
                null,
                42 + number,
                TOKEN,
                Instant.parse("2099-01-01T00:00:00Z"));
    }

    public static Assignment.Evaluate evaluate(int number) {
        return new Assignment.Evaluate(
                new AssignmentId(new UUID(1, number)),
                new JobId(new UUID(2, 0)),
                new RoundId(new UUID(3, number)),
                number,
                new DataName("mail"),
                TASK,
                BASE,
                ADAPTER,
                LORA,
                Instant.parse("2099-01-01T00:00:00Z"));
    }
}
