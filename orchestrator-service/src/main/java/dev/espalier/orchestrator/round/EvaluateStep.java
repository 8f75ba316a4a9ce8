package dev.espalier.orchestrator.round;

import dev.espalier.orchestrator.assignment.Piece;
import dev.espalier.orchestrator.assignment.PieceState;
import dev.espalier.orchestrator.assignment.Planned;
import dev.espalier.orchestrator.event.EventType;
import dev.espalier.orchestrator.fleet.Fleet;
import dev.espalier.orchestrator.fleet.FleetSnapshot;
import dev.espalier.orchestrator.neighbour.Registry;
import dev.espalier.orchestrator.selection.Selection;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.AssignmentId;
import dev.espalier.protocol.DataName;
import dev.espalier.protocol.job.RoundView.Evaluation;
import dev.espalier.protocol.model.VersionMetrics;
import dev.espalier.protocol.work.Assignment;
import dev.espalier.protocol.work.Outcome;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Has the new version evaluated by those who hold test data. A silent evaluator ends nothing. */
@Component
class EvaluateStep {

    private final RoundBooks books;
    private final Registry registry;
    private final Fleet fleet;
    private final Supplier<UUID> ids;

    EvaluateStep(RoundBooks books, Registry registry, Fleet fleet, Supplier<UUID> ids) {
        this.books = books;
        this.registry = registry;
        this.fleet = fleet;
        this.ids = ids;
    }

    Turn run(Round round, RoundStatus.Evaluating status, RoundOrder order, DataName data) {
        List<Piece> evaluators =
                books.assignments().of(round.id()).stream()
                        .filter(piece -> piece.kind() == Piece.Kind.EVALUATE)
                        .toList();
        boolean timeIsUp = !books.now().isBefore(status.evaluateBy());
        if (evaluators.isEmpty()) {
            return timeIsUp
                    ? endWithout(round, status, "no agent evaluated it by " + status.evaluateBy())
                    : invite(round, status, order, data);
        }
        if (timeIsUp || evaluators.stream().noneMatch(EvaluateStep::isOutstanding)) {
            return conclude(round, status, data, evaluators);
        }
        return new Turn.Waits(silence(evaluators, status));
    }

    private Turn invite(
            Round round, RoundStatus.Evaluating status, RoundOrder order, DataName data) {
        return switch (Selection.able(fleet.snapshot(), order.evaluators(data))) {
            case Selection.Nobody nobody ->
                    new Turn.Waits(
                            "evaluation waits until %s for an EVALUATE agent that offers '%s': %s"
                                    .formatted(status.evaluateBy(), data, nobody.reason()));
            case Selection.Drawn able -> {
                books.atomically(() -> assign(round, status, order, data, able.cohort()));
                yield new Turn.Moved();
            }
        };
    }

    private void assign(
            Round round,
            RoundStatus.Evaluating status,
            RoundOrder order,
            DataName data,
            List<AgentName> agents) {
        books.rounds().save(round); // so that nobody else assigns it at the same time
        books.assignments()
                .plan(
                        agents.stream()
                                .map(agent -> work(round, status, order, data, agent))
                                .toList());
        books.assignments().offer(round.id());
        List<String> names = agents.stream().map(AgentName::value).toList();
        books.tell(
                round,
                EventType.EVALUATION_STARTED,
                "%s is evaluated by %s".formatted(status.published(), String.join(", ", names)),
                Map.of("version", status.published().toString(), "agents", names));
    }

    private Planned work(
            Round round,
            RoundStatus.Evaluating status,
            RoundOrder order,
            DataName data,
            AgentName agent) {
        return new Planned(
                agent,
                new Assignment.Evaluate(
                        new AssignmentId(ids.get()),
                        order.job(),
                        round.id(),
                        round.number(),
                        data,
                        order.task(),
                        order.base(),
                        status.published(),
                        order.work().adapter(),
                        status.evaluateBy()));
    }

    private Turn conclude(
            Round round, RoundStatus.Evaluating status, DataName data, List<Piece> evaluators) {
        List<Outcome.Evaluated> results =
                evaluators.stream()
                        .map(Piece::outcome)
                        .filter(Outcome.Evaluated.class::isInstance)
                        .map(Outcome.Evaluated.class::cast)
                        .toList();
        if (results.isEmpty()) {
            return endWithout(round, status, whyNot(evaluators, status));
        }
        Evaluation mean = Evaluations.weightedMean(results);
        registry.recordMetrics(
                status.published(),
                new VersionMetrics(data, mean.examples(), Evaluations.values(mean)));
        endWith(round, status, mean);
        return new Turn.Moved();
    }

    private void endWith(Round round, RoundStatus.Evaluating status, Evaluation mean) {
        Instant now = books.now();
        Round done = round.evaluated(status.published(), mean, now);
        Map<String, Object> told = new LinkedHashMap<>();
        told.put("version", status.published().toString());
        told.put("examples", mean.examples());
        told.putAll(Evaluations.values(mean));
        books.atomically(() -> {
            books.end(done, Set.of(), "the evaluation is over");
            books.tell(
                    done,
                    EventType.ROUND_EVALUATED,
                    status.published() + " " + Evaluations.inWords(mean),
                    told);
            complete(done, status);
        });
    }

    private Turn endWithout(Round round, RoundStatus.Evaluating status, String why) {
        String reason = "not evaluated: " + why;
        Round done = round.unevaluated(status.published(), reason, books.now());
        books.atomically(() -> {
            books.end(done, Set.of(), "the evaluation is over");
            books.tell(
                    done,
                    EventType.ROUND_NOT_EVALUATED,
                    "%s was %s".formatted(status.published(), reason),
                    Map.of("version", status.published().toString(), "reason", reason));
            complete(done, status);
        });
        return new Turn.Moved();
    }

    private void complete(Round done, RoundStatus.Evaluating status) {
        books.tell(
                done,
                EventType.ROUND_COMPLETED,
                "round %d is complete".formatted(done.number()),
                Map.of("version", status.published().toString()));
    }

    private static boolean isOutstanding(Piece piece) {
        return piece.state() != PieceState.DONE && piece.state() != PieceState.OVER;
    }

    private static String whyNot(List<Piece> evaluators, RoundStatus.Evaluating status) {
        return evaluators.stream()
                .map(piece -> piece.agent() + " " + whyNot(piece, status))
                .collect(Collectors.joining("; "));
    }

    private static String whyNot(Piece piece, RoundStatus.Evaluating status) {
        if (piece.outcome() instanceof Outcome.Failed failed) {
            return "failed: " + failed.reason();
        }
        return piece.reason() == null
                ? "did not answer by " + status.evaluateBy()
                : "left: " + piece.reason();
    }

    private @Nullable String silence(List<Piece> evaluators, RoundStatus.Evaluating status) {
        FleetSnapshot now = fleet.snapshot();
        List<Piece> outstanding = evaluators.stream().filter(EvaluateStep::isOutstanding).toList();
        boolean someoneIsAlive =
                outstanding.stream()
                        .map(Piece::agent)
                        .map(now::agent)
                        .flatMap(Optional::stream)
                        .anyMatch(now::isAlive);
        String names =
                outstanding.stream().map(p -> p.agent().value()).collect(Collectors.joining(", "));
        return someoneIsAlive
                ? null
                : "evaluation waits until %2$s for %1$s, none of whom is alive"
                        .formatted(names, status.evaluateBy());
    }
}
