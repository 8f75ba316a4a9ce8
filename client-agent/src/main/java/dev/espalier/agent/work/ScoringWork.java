package dev.espalier.agent.work;

import dev.espalier.agent.data.PrivateData;
import dev.espalier.agent.journal.Page;
import dev.espalier.agent.model.OwnAdapters;
import dev.espalier.agent.poll.Heartbeat;
import dev.espalier.lm.base.BaseModel;
import dev.espalier.lm.cost.ModelCost;
import dev.espalier.protocol.work.Assignment;
import dev.espalier.protocol.work.Cost;
import dev.espalier.protocol.work.Outcome;
import dev.espalier.protocol.work.Progress;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Measures losses on some of the rows to train on, so that a cohort can be chosen (algorithms.md
 * A.4). The agent's own last adapter is measured whole, on the model with all heads, like the
 * global one (ours); one whose loss is no number is as good as none. Short, so it begins anew after
 * a crash.
 */
public final class ScoringWork {

    /** Between two looks at whether to go on. */
    private static final int SLICE = 4 * LocalRows.BATCH;

    private final Fetching fetching;
    private final TrainingSlots slots;
    private final OwnAdapters own;

    public ScoringWork(Fetching fetching, TrainingSlots slots, OwnAdapters own) {
        this.fetching = fetching;
        this.slots = slots;
        this.own = own;
    }

    /**
     * @return empty if the work was stopped
     */
    Optional<Outcome> perform(
            Assignment.Score score, PrivateData data, Page page, Heartbeat heartbeat)
            throws IOException, InterruptedException {
        TaskRules.requireHead(score);
        Optional<Fetched> ready = fetching.fetch(score, page, heartbeat);
        if (ready.isEmpty()) {
            return Optional.empty();
        }
        try (Fetched fetched = ready.get()) {
            LocalRows rows =
                    LocalRows.of(score, data, fetched.base(), score.seed(), score.samples());
            Optional<TrainingSlots.Slot> slot = slots.take(heartbeat);
            if (slot.isEmpty()) {
                return Optional.empty();
            }
            try (TrainingSlots.Slot _ = slot.get()) {
                return measured(score, fetched.model(), rows, heartbeat)
                        .map(losses -> outcome(fetched.model(), rows, losses, page.notes()));
            }
        }
    }

    /**
     * @param own null: there is none
     * @param passes over the rows
     */
    private record Losses(double global, @Nullable Double own, int passes) {

        static Losses of(double global) {
            return new Losses(LossRules.requireNumber(global), null, 1);
        }

        Losses with(double own) {
            return new Losses(global, Double.isFinite(own) ? own : null, 2);
        }
    }

    private Optional<Losses> measured(
            Assignment.Score score, AnyModel model, LocalRows rows, Heartbeat heartbeat)
            throws InterruptedException {
        Optional<ReadyModel> last = score.alsoOwn() ? own(score, model) : Optional.empty();
        int steps = last.isPresent() ? 2 * rows.size() : rows.size();
        Optional<Losses> global = loss(model, rows, 0, steps, heartbeat).map(Losses::of);
        if (global.isEmpty() || last.isEmpty()) {
            return global;
        }
        return loss(last.get(), rows, rows.size(), steps, heartbeat).map(global.get()::with);
    }

    /** An adapter of another form is none of this phase; over a bare base there is none. */
    private Optional<ReadyModel> own(Assignment.Score score, AnyModel model) {
        return model instanceof ReadyModel ready
                ? own.find(score.job())
                        .filter(last -> last.shapes().equals(ready.weights().shapes()))
                        .map(ready::with)
                : Optional.empty();
    }

    /**
     * @param before steps done
     * @return empty if it was stopped
     */
    private static Optional<Double> loss(
            AnyModel model, LocalRows rows, int before, int steps, Heartbeat heartbeat)
            throws InterruptedException {
        LocalRows.Loss sum = LocalRows.Loss.NONE;
        for (int from = 0; from < rows.size(); from += SLICE) {
            if (Thread.interrupted()) {
                throw new InterruptedException("shutting down");
            }
            if (heartbeat.isStopped()) {
                return Optional.empty();
            }
            int to = Math.min(from + SLICE, rows.size());
            sum = sum.plus(rows.loss(model, from, to));
            heartbeat.note(
                    new Progress(Progress.Stage.SCORING, before + to, steps, null, null, null));
        }
        return Optional.of(sum.mean());
    }

    private static Outcome outcome(
            AnyModel model, LocalRows rows, Losses losses, Page.Notes notes) {
        ModelCost cost =
                switch (model) {
                    case AnyModel.Bare(BaseModel base) -> ModelCost.of(base.heads());
                    case ReadyModel ready -> ModelCost.of(ready.base().heads(), ready.adapter());
                };
        long pass =
                rows.shapes(LocalRows.BATCH).stream()
                        .mapToLong(batch -> cost.of(batch).forward())
                        .sum();
        return new Outcome.Scored(
                rows.size(),
                losses.global(),
                losses.own(),
                notes.bytesDown(),
                notes.baseBytesDown(),
                new Cost(0, 0, 0, losses.passes() * pass));
    }
}
