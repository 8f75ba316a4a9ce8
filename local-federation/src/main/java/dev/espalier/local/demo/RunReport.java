package dev.espalier.local.demo;

import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.job.RoundView;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a run of the demo gave, for programs. Accuracies are from 0 to 1, on the same held-out text.
 *
 * @param versions the adapters of the rounds, then the merged model
 * @param seconds from the start of the program to its last result
 */
record RunReport(
        int schema,
        List<Round> rounds,
        Compared baselines,
        List<VersionRef> versions,
        double seconds) {

    private static final int SCHEMA = 1;

    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    /**
     * @param accuracy absent, as the next two, where the round was not evaluated
     */
    record Round(
            int round,
            @Nullable Double accuracy,
            @Nullable Double macroF1,
            @Nullable Double loss,
            long bytesUp,
            long taskHeadBytesUp,
            long wireBytesUp,
            long bytesDown,
            double seconds,
            List<Client> clients) {

        static Round of(RoundView view) {
            RoundView.Evaluation evaluation = view.evaluation();
            return new Round(
                    view.number(),
                    evaluation == null ? null : evaluation.accuracy(),
                    evaluation == null ? null : evaluation.macroF1(),
                    evaluation == null ? null : evaluation.loss(),
                    view.traffic().bytesUp(),
                    view.traffic().taskHeadBytesUp(),
                    view.traffic().wireBytesUp(),
                    view.traffic().bytesDown(),
                    view.timing().total(),
                    view.clients().stream().map(Client::of).toList());
        }
    }

    /**
     * @param loss mean training loss of its last epoch
     */
    record Client(
            String agent,
            String outcome,
            long examples,
            @Nullable Double loss,
            long bytesUp,
            long taskHeadBytesUp,
            long wireBytesUp,
            long bytesDown,
            double trainSeconds) {

        static Client of(RoundView.Client view) {
            return new Client(
                    view.agent().value(),
                    view.outcome().name(),
                    view.examples(),
                    view.lossAfter(),
                    view.bytesUp(),
                    view.taskHeadBytesUp(),
                    view.wireBytesUp(),
                    view.bytesDown(),
                    view.trainSeconds());
        }
    }

    record Compared(Score standaloneMean, List<Standalone> standalone, Score pooled) {}

    record Standalone(String provider, int texts, int seen, double accuracy, double macroF1) {}

    static RunReport of(
            List<RoundView> rounds,
            @Nullable VersionRef merged,
            Baselines.Results baselines,
            double seconds) {
        List<VersionRef> versions =
                Stream.concat(rounds.stream().map(RoundView::published), Stream.ofNullable(merged))
                        .filter(Objects::nonNull)
                        .toList();
        return new RunReport(
                SCHEMA,
                rounds.stream().map(Round::of).toList(),
                new Compared(
                        baselines.standaloneMean(),
                        baselines.standalone().stream().map(RunReport::standalone).toList(),
                        baselines.pooled()),
                versions,
                seconds);
    }

    private static Standalone standalone(Baselines.Alone alone) {
        return new Standalone(
                alone.provider(),
                alone.texts(),
                alone.seen(),
                alone.score().accuracy(),
                alone.score().macroF1());
    }

    void write(Path file) throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        if (folder != null) {
            Files.createDirectories(folder);
        }
        Files.writeString(file, JSON.writeValueAsString(this) + "\n");
    }
}
