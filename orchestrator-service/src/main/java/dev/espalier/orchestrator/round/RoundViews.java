package dev.espalier.orchestrator.round;

import dev.espalier.orchestrator.assignment.Piece;
import dev.espalier.orchestrator.ranks.PlannedRanks;
import dev.espalier.protocol.job.RoundView;
import dev.espalier.protocol.job.RoundView.Client;
import dev.espalier.protocol.job.RoundView.ClientOutcome;
import dev.espalier.protocol.model.MatrixSparsity;
import dev.espalier.protocol.update.RoundSessionView;
import dev.espalier.protocol.update.RoundSessionView.UpdateView;
import dev.espalier.protocol.work.Cost;
import dev.espalier.protocol.work.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** Puts together how a user sees a round. */
final class RoundViews {

    private static final double MILLIS = 1000.0;

    private RoundViews() {}

    static RoundView of(Round round, List<Piece> pieces, Instant now) {
        boolean takesNoMore = round.sealedAt() != null || !round.isOpen();
        List<Fate> fates = Fate.of(pieces, round.session(), takesNoMore);
        RoundPlan plan = round.plan();
        Results results =
                round.status() instanceof RoundStatus.Completed c ? c.results() : Results.NONE;
        return new RoundView(
                plan.id(),
                plan.number(),
                plan.phase(),
                round.status().state(),
                plan.parent(),
                round.status().becomes(),
                plan.needed(),
                fates.stream().map(fate -> client(plan, fate, pieces)).toList(),
                plan.leftOut(),
                results.all(),
                results.ofClients(),
                results.last(),
                sparsity(round.session()),
                traffic(plan, fates, pieces),
                cost(outcomes(pieces)),
                timing(round, fates, now),
                reason(round.status()),
                plan.startedAt(),
                round.deadline(),
                round.status().ended());
    }

    /** Of all matrices together; absent where none were pruned. */
    private static @Nullable Double sparsity(@Nullable RoundSessionView session) {
        return session == null || session.matrices() == null
                ? null
                : MatrixSparsity.ofAll(session.matrices());
    }

    private static Client client(RoundPlan plan, Fate fate, List<Piece> pieces) {
        UpdateView update = fate.update();
        boolean working = fate.outcome() == ClientOutcome.WORKING;
        List<Outcome> outcomes =
                outcomes(
                        pieces.stream()
                                .filter(piece -> piece.agent().equals(fate.agent()))
                                .toList());
        return new Client(
                fate.agent(),
                fate.outcome(),
                fate.reason(),
                working ? fate.piece().progress() : null,
                update == null ? 0 : update.examples(),
                update == null ? null : update.keptHeads(),
                rank(plan, fate),
                update == null ? null : update.keptComponents(),
                update == null ? null : update.layers(),
                update == null ? null : update.sparsity(),
                update == null ? null : update.quantisationError(),
                lossBefore(update, outcomes),
                update == null ? null : update.lossAfter(),
                update == null ? 0 : update.bytesUp(),
                update == null ? 0 : update.taskHeadBytesUp(),
                update == null ? 0 : update.wireBytesUp(),
                sum(outcomes, Outcome::bytesDown),
                sum(outcomes, Outcome::baseBytesDown),
                trainSeconds(fate),
                outcomes.isEmpty() ? null : cost(outcomes));
    }

    private static @Nullable Integer rank(RoundPlan plan, Fate fate) {
        return plan.ranks() == null
                ? null
                : plan.ranks().client(fate.agent()).map(PlannedRanks.Client::rank).orElse(null);
    }

    /** What was said of the cohort's and the candidates' work; evaluation is no part of it. */
    private static List<Outcome> outcomes(List<Piece> pieces) {
        return pieces.stream()
                .filter(piece -> piece.kind().makesUpdate() || piece.kind() == Piece.Kind.SCORE)
                .map(Piece::outcome)
                .filter(Objects::nonNull)
                .toList();
    }

    private static Cost cost(List<Outcome> outcomes) {
        return outcomes.stream().map(RoundViews::cost).reduce(Cost.NONE, Cost::plus);
    }

    private static Cost cost(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Trained trained -> trained.cost();
            case Outcome.Pruned pruned -> pruned.cost();
            case Outcome.Scored scored -> scored.cost();
            case Outcome.Evaluated e -> Cost.NONE;
            case Outcome.Failed f -> Cost.NONE;
        };
    }

    private static long sum(List<Outcome> outcomes, ToLongFunction<Outcome> bytes) {
        return outcomes.stream().mapToLong(bytes).sum();
    }

    /** From the update, or else as it was told for the selection. */
    private static @Nullable Double lossBefore(
            @Nullable UpdateView update, List<Outcome> outcomes) {
        if (update != null && update.lossBefore() != null) {
            return update.lossBefore();
        }
        return outcomes.stream()
                .filter(Outcome.Scored.class::isInstance)
                .findFirst()
                .map(outcome -> ((Outcome.Scored) outcome).loss())
                .orElse(null);
    }

    /** By the update's manifest, or else by the agent's word. */
    private static double trainSeconds(Fate fate) {
        if (fate.update() != null && fate.update().trainSeconds() > 0) {
            return fate.update().trainSeconds();
        }
        return switch (fate.piece().outcome()) {
            case Outcome.Trained trained -> trained.trainSeconds();
            case Outcome.Pruned pruned -> pruned.pruneSeconds();
            case null, default -> 0;
        };
    }

    private static RoundView.Traffic traffic(RoundPlan plan, List<Fate> fates, List<Piece> pieces) {
        List<UpdateView> updates =
                fates.stream().map(Fate::update).filter(Objects::nonNull).toList();
        List<Outcome> outcomes = outcomes(pieces);
        long dense = plan.denseBytes() * fates.stream().filter(Fate::isAccepted).count();
        return new RoundView.Traffic(
                updates.stream().mapToLong(UpdateView::bytesUp).sum(),
                updates.stream().mapToLong(UpdateView::taskHeadBytesUp).sum(),
                updates.stream().mapToLong(UpdateView::wireBytesUp).sum(),
                sum(outcomes, Outcome::bytesDown),
                sum(outcomes, Outcome::baseBytesDown),
                dense,
                dense); // what a client would send it would have fetched before
    }

    private static RoundView.Timing timing(Round round, List<Fate> fates, Instant now) {
        Instant end = round.status().ended() == null ? now : round.status().ended();
        return new RoundView.Timing(
                fates.stream().mapToDouble(RoundViews::trainSeconds).sum(),
                round.session() == null ? 0 : round.session().aggregationSeconds(),
                waiting(round, fates, end),
                seconds(round.plan().startedAt(), end));
    }

    private static double waiting(Round round, List<Fate> fates, Instant end) {
        Optional<Instant> first =
                fates.stream()
                        .filter(Fate::isAccepted)
                        .map(fate -> Objects.requireNonNull(fate.update()).receivedAt())
                        .filter(Objects::nonNull)
                        .min(Instant::compareTo);
        Instant sealed = round.sealedAt() == null ? end : round.sealedAt();
        return first.map(since -> seconds(since, sealed)).orElse(0.0);
    }

    /** Two services have two clocks, so it may come out negative. */
    private static double seconds(Instant from, Instant to) {
        return Math.max(0, Duration.between(from, to).toMillis() / MILLIS);
    }

    private static @Nullable String reason(RoundStatus status) {
        return switch (status) {
            case RoundStatus.Void nothing -> nothing.reason();
            case RoundStatus.Completed completed -> completed.reason();
            case RoundStatus.Scoring s -> null;
            case RoundStatus.Drawn d -> null;
            case RoundStatus.Gathering g -> null;
            case RoundStatus.Combining c -> null;
            case RoundStatus.Evaluating e -> null;
            case RoundStatus.Cancelled c -> null;
        };
    }
}
