package dev.espalier.orchestrator.round;

import dev.espalier.orchestrator.assignment.Piece;
import dev.espalier.orchestrator.assignment.Planned;
import dev.espalier.orchestrator.event.EventType;
import dev.espalier.orchestrator.fleet.Fleet;
import dev.espalier.orchestrator.fleet.FleetSnapshot;
import dev.espalier.orchestrator.neighbour.NeighbourRefused;
import dev.espalier.orchestrator.neighbour.Registry;
import dev.espalier.orchestrator.selection.Eligible;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.AssignmentId;
import dev.espalier.protocol.DataName;
import dev.espalier.protocol.RoundId;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.job.RoundView.Evaluation;
import dev.espalier.protocol.model.VersionMetrics;
import dev.espalier.protocol.work.Assignment;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Has the new version evaluated by those who hold test data. A silent evaluator ends nothing, nor
 * does a registry that refuses what was measured.
 */
@Component
class EvaluateStep {

    private static final Logger log = LoggerFactory.getLogger(EvaluateStep.class);

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

    Turn run(Round round, RoundStatus.Evaluating status, RoundOrder order) {
        List<Piece> pieces = books.assignments().of(round.id());
        List<Sitting> sittings =
                order.exams().stream().map(exam -> Sitting.of(exam, round, pieces)).toList();
        boolean timeIsUp = !books.now().isBefore(status.evaluateBy());
        if (timeIsUp || sittings.stream().allMatch(Sitting::isOver)) {
            conclude(round, status, sittings);
            return new Turn.Moved();
        }
        String waitsFor = silence(sittings, status);
        for (Sitting sitting : sittings.stream().filter(Sitting::isUnasked).toList()) {
            DataName data = sitting.exam().data();
            Eligible able = Eligible.of(fleet.snapshot(), order.evaluators(data));
            if (!able.isNobody()) {
                books.atomically(() -> assign(round, status, order, sitting, able.names()));
                return new Turn.Moved();
            }
            waitsFor =
                    "evaluation waits until %s for an EVALUATE agent that offers '%s': %s"
                            .formatted(status.evaluateBy(), data, able.whyNobody());
        }
        return new Turn.Waits(waitsFor);
    }

    private void assign(
            Round round,
            RoundStatus.Evaluating status,
            RoundOrder order,
            Sitting sitting,
            List<AgentName> agents) {
        books.rounds().save(round); // so that nobody else assigns it at the same time
        books.assignments()
                .plan(
                        sitting.examined().stream()
                                .flatMap(one ->
                                        agents.stream()
                                                .map(agent ->
                                                        work(
                                                                order,
                                                                sitting.exam(),
                                                                one,
                                                                agent,
                                                                round.id(),
                                                                status.evaluateBy())))
                                .toList());
        books.assignments().offer(round.id());
        List<String> names = agents.stream().map(AgentName::value).toList();
        books.tell(
                round,
                EventType.EVALUATION_STARTED,
                "%s is evaluated by %s".formatted(sitting.inWords(), String.join(", ", names)),
                Map.of(
                        "version", status.published().toString(),
                        "data", sitting.exam().data().value(),
                        "agents", names));
    }

    private Planned work(
            RoundOrder order,
            Exam exam,
            Examined examined,
            AgentName agent,
            RoundId round,
            Instant evaluateBy) {
        return new Planned(
                agent,
                exam.kind(),
                new Assignment.Evaluate(
                        new AssignmentId(ids.get()),
                        order.job(),
                        round,
                        order.number(),
                        exam.data(),
                        order.task(),
                        examined.base(),
                        examined.adapter(),
                        examined.adapter() == null ? null : order.craft().adapter(),
                        evaluateBy));
    }

    private void conclude(Round round, RoundStatus.Evaluating status, List<Sitting> sittings) {
        List<String> remarks = new ArrayList<>();
        for (Sitting sitting : sittings) {
            Optional.ofNullable(sitting.remark(status.evaluateBy())).ifPresent(remarks::add);
            for (Sitting.Result one : sitting.results()) {
                record(one.examined().version(), sitting.exam().data(), one.evaluation())
                        .ifPresent(remarks::add);
            }
        }
        Round done =
                round.evaluated(
                        status.published(),
                        new Results(
                                result(sittings, Piece.Kind.EVALUATE),
                                result(sittings, Piece.Kind.EVALUATE_AT_CLIENTS),
                                result(sittings, Piece.Kind.EVALUATE_FINALLY)),
                        remarks.isEmpty() ? null : String.join("; ", remarks),
                        books.now());
        books.atomically(() -> {
            books.end(done, Set.of(), "the evaluation is over");
            sittings.forEach(sitting -> tell(done, status, sitting));
            books.tell(
                    done,
                    EventType.ROUND_COMPLETED,
                    "round %d is complete".formatted(done.number()),
                    Map.of("version", status.published().toString()));
        });
    }

    /** What the registry has against it: the round knows its own result and goes on without it. */
    private Optional<String> record(VersionRef version, DataName data, Evaluation result) {
        try {
            registry.recordMetrics(
                    version,
                    new VersionMetrics(data, result.examples(), Evaluations.values(result)));
            return Optional.empty();
        } catch (NeighbourRefused refused) {
            log.warn(
                    "metrics not recorded version={} data={} reason={}",
                    version,
                    data,
                    refused.getMessage());
            return Optional.of(
                    "its result on '%s' is not in the registry: %s"
                            .formatted(data, refused.getMessage()));
        }
    }

    private static @Nullable Evaluation result(List<Sitting> sittings, Piece.Kind kind) {
        return sittings.stream()
                .filter(sitting -> sitting.exam().kind() == kind)
                .findFirst()
                .map(Sitting::result)
                .orElse(null);
    }

    private void tell(Round done, RoundStatus.Evaluating status, Sitting sitting) {
        Evaluation result = sitting.result();
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("version", status.published().toString());
        data.put("data", sitting.exam().data().value());
        if (result == null) {
            String reason = sitting.whyNot(status.evaluateBy());
            data.put("reason", reason);
            String message = "%s was %s".formatted(sitting.inWords(), reason);
            books.tell(done, EventType.ROUND_NOT_EVALUATED, message, data);
            return;
        }
        data.put("examples", result.examples());
        data.putAll(Evaluations.values(result));
        String message =
                sitting.isOfClients()
                        ? sitting.inWords() + ", in the mean, " + Evaluations.inWords(result)
                        : sitting.inWords() + " " + Evaluations.inWords(result);
        books.tell(done, EventType.ROUND_EVALUATED, message, data);
    }

    private @Nullable String silence(List<Sitting> sittings, RoundStatus.Evaluating status) {
        FleetSnapshot now = fleet.snapshot();
        List<AgentName> outstanding =
                sittings.stream()
                        .flatMap(sitting -> sitting.outstanding().stream())
                        .map(Piece::agent)
                        .distinct()
                        .toList();
        boolean someoneIsAlive =
                outstanding.stream()
                        .map(now::agent)
                        .flatMap(Optional::stream)
                        .anyMatch(now::isAlive);
        String names = outstanding.stream().map(AgentName::value).collect(Collectors.joining(", "));
        return outstanding.isEmpty() || someoneIsAlive
                ? null
                : "evaluation waits until %2$s for %1$s, none of whom is alive"
                        .formatted(names, status.evaluateBy());
    }
}
