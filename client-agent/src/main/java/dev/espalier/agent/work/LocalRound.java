package dev.espalier.agent.work;

import dev.espalier.agent.data.PrivateData;
import dev.espalier.agent.journal.Page;
import dev.espalier.agent.poll.Heartbeat;
import dev.espalier.lm.adapter.AdapterWeights;
import dev.espalier.lm.cost.RunCost;
import dev.espalier.lm.train.TrainingSettings;
import dev.espalier.protocol.job.ImportanceSpec;
import dev.espalier.protocol.work.Assignment;
import dev.espalier.protocol.work.Cost;
import dev.espalier.protocol.work.HeadPlan;
import dev.espalier.protocol.work.Progress;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What one agent computes in a round: chooses the heads to keep, where it is asked to, and trains
 * what belongs to them and to the components that it was given. After a crash it goes on with the
 * heads that were chosen before.
 */
final class LocalRound {

    /** Rows that heads are scored on at a time, unless training takes fewer. */
    private static final int MOST_SCORED_TOGETHER = 32;

    private final Assignment.Train train;
    private final PrivateData data;
    private final Fetched fetched;
    private final Page page;
    private final LongSupplier nanoTime;

    LocalRound(
            Assignment.Train train,
            PrivateData data,
            Fetched fetched,
            Page page,
            LongSupplier nanoTime) {
        this.train = train;
        this.data = data;
        this.fetched = fetched;
        this.page = page;
        this.nanoTime = nanoTime;
    }

    /**
     * @param adapter the received one with what was trained in its place
     * @param heads null: all were trained
     * @param componentScores by module: of the trained components, ascending; null: not measured
     * @param lastEpochLoss mean over the steps of the last epoch
     * @param seconds of scoring heads, of taking them out and of training
     */
    record Done(
            AdapterWeights adapter,
            Page.@Nullable Heads heads,
            @Nullable Map<String, List<Double>> componentScores,
            int examples,
            int steps,
            double lastEpochLoss,
            double seconds,
            Cost cost) {}

    Progress.Stage firstStage() {
        boolean scores = train.heads() != null && page.heads().isEmpty();
        return scores ? Progress.Stage.SCORING : Progress.Stage.TRAINING;
    }

    /**
     * @return empty if the work was stopped
     * @throws InterruptedException the agent is being shut down; the journal holds the last step
     */
    Optional<Done> run(TrainingWork.Thrift thrift, Heartbeat heartbeat)
            throws IOException, InterruptedException {
        LocalRows rows = rows(train.training().maxExamples());
        HeadPlan plan = train.heads();
        Page.Heads heads = plan == null ? null : heads(plan);
        Stopwatch watch = new Stopwatch(nanoTime);
        try (TrainedPart part = part(plan, heads)) {
            double before = heads == null ? 0 : heads.seconds() + watch.seconds();
            TrainingSettings settings =
                    TaskRules.training(train.training(), train.seed())
                            .withStateBytes(thrift.stateBytes());
            return new LocalTraining(
                            part,
                            settings,
                            rows,
                            measure(),
                            page,
                            thrift.checkpointEvery(),
                            nanoTime)
                    .run(heartbeat)
                    .map(trained -> done(part, heads, rows.size(), before, trained));
        }
    }

    /** The same rows are drawn as for training, or the first of that draw. */
    private LocalRows rows(@Nullable Integer most) {
        return LocalRows.of(train, data, fetched.base(), train.seed(), most);
    }

    private Page.Heads heads(HeadPlan plan) throws IOException {
        Optional<Page.Heads> before = page.heads();
        if (before.isPresent()) {
            return before.get();
        }
        Page.Heads chosen =
                new HeadChoosing(
                                plan,
                                fetched.model().adapted(),
                                rows(calibrationRows(plan)),
                                Math.min(MOST_SCORED_TOGETHER, train.training().batchSize()),
                                train.seed())
                        .choose(nanoTime);
        page.write(chosen);
        return chosen;
    }

    private int calibrationRows(HeadPlan plan) {
        Integer most = train.training().maxExamples();
        int asked = plan.settings().calibrationSamples();
        return most == null ? asked : Math.min(asked, most);
    }

    private TrainedPart part(@Nullable HeadPlan plan, Page.@Nullable Heads heads) {
        ReadyModel model = fetched.model().adapted();
        TrainedPart.Heads kept =
                plan == null || heads == null
                        ? null
                        : new TrainedPart.Heads(
                                HeadNames.mask(model.base().structure(), heads.kept()),
                                plan.settings().mode());
        return TrainedPart.of(model, kept, ComponentPlan.of(train, model).orElse(null));
    }

    private @Nullable ImportanceSpec measure() {
        return train.ranks() == null ? null : train.ranks().measure();
    }

    private static Done done(
            TrainedPart part,
            Page.@Nullable Heads heads,
            int examples,
            double secondsBefore,
            LocalTraining.Trained trained) {
        return new Done(
                part.whole(trained.result().weights()),
                heads,
                trained.componentScores(),
                examples,
                trained.result().steps(),
                trained.lastEpochLoss(),
                secondsBefore + trained.seconds(),
                cost(part, heads, trained));
    }

    private static Cost cost(
            TrainedPart part, Page.@Nullable Heads heads, LocalTraining.Trained trained) {
        ReadyModel model = part.model();
        RunCost run =
                RunCost.of(
                        model.base().heads(),
                        model.adapter(),
                        part.trained(),
                        trained.batches(),
                        List.of());
        long scoring = heads == null ? 0 : heads.scoringMacs();
        return new Cost(
                run.macs(),
                run.attentionMacs(),
                run.attentionMacsDenseOutput(),
                run.scoringMacs() + scoring);
    }
}
