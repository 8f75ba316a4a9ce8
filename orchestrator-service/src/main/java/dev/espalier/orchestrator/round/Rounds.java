package dev.espalier.orchestrator.round;

import dev.espalier.orchestrator.assignment.Assignments;
import dev.espalier.orchestrator.heads.HeadMaps;
import dev.espalier.orchestrator.heads.PlannedHeads;
import dev.espalier.orchestrator.ranks.ComponentMaps;
import dev.espalier.orchestrator.ranks.PlannedRanks;
import dev.espalier.orchestrator.selection.Draw;
import dev.espalier.protocol.JobId;
import dev.espalier.protocol.job.ComponentMap;
import dev.espalier.protocol.job.RoundState;
import dev.espalier.protocol.job.RoundView;
import dev.espalier.protocol.job.SelectionView;
import dev.espalier.protocol.job.SparsityMap;
import dev.espalier.protocol.model.MatrixSparsity;
import dev.espalier.protocol.update.RoundSessionView;
import dev.espalier.protocol.update.RoundSessionView.ModuleComponents;
import dev.espalier.protocol.update.RoundSessionView.UpdateState;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/** What others may know of rounds. */
@Component
public class Rounds {

    private final RoundStore rounds;
    private final RoundRepository rows;
    private final Assignments assignments;
    private final InstantSource clock;

    Rounds(RoundStore rounds, RoundRepository rows, Assignments assignments, InstantSource clock) {
        this.rounds = rounds;
        this.rows = rows;
        this.assignments = assignments;
        this.clock = clock;
    }

    /**
     * Where the rounds of a job stand.
     *
     * @param number of the latest round, 0 before the first
     * @param published the newest version that a round became, with its base
     * @param underWay the round that has not ended
     * @param voidsInRow how many of the latest rounds published nothing
     */
    public record History(
            int number,
            Optional<Footing> published,
            Optional<Round> underWay,
            int voidsInRow,
            Optional<String> lastReason) {}

    /**
     * @param lookBack how many of the latest rounds are looked at for {@code voidsInRow}
     */
    @Transactional(readOnly = true)
    public History history(JobId job, int lookBack) {
        List<Round> newest = rounds.newest(job, lookBack);
        Optional<Round> last = newest.stream().findFirst();
        int voids =
                (int)
                        newest.stream()
                                .takeWhile(round -> round.status() instanceof RoundStatus.Void)
                                .count();
        return new History(
                last.map(Round::number).orElse(0),
                rounds.latestPublished(job),
                last.filter(Round::isOpen),
                voids,
                last.map(Round::status)
                        .filter(RoundStatus.Void.class::isInstance)
                        .map(status -> ((RoundStatus.Void) status).reason()));
    }

    @Transactional(readOnly = true)
    public List<RoundView> views(JobId job) {
        return rounds.all(job).stream().map(this::view).toList();
    }

    @Transactional(readOnly = true)
    public Optional<RoundView> view(JobId job, int number) {
        return rounds.find(job, number).map(this::view);
    }

    /** Everything that entered the draw of a round's cohort; empty where it was not recorded. */
    @Transactional(readOnly = true)
    public Optional<SelectionView> selection(JobId job, int number) {
        return rounds.find(job, number).map(Round::plan).map(RoundPlan::selection);
    }

    /** What became of attention heads, in the rounds that pruned some and published a version. */
    @Transactional(readOnly = true)
    public List<HeadMaps.Told> heads(JobId job) {
        return rounds.all(job).stream().flatMap(round -> heads(round).stream()).toList();
    }

    private static Optional<HeadMaps.Told> heads(Round round) {
        RoundSessionView session = round.session();
        PlannedHeads planned = round.plan().heads();
        if (session == null || session.heads() == null || planned == null) {
            return Optional.empty();
        }
        return Optional.of(
                new HeadMaps.Told(round.number(), counted(session), session.heads(), planned));
    }

    /** How sparse the matrices came out, in the rounds that pruned some and published a version. */
    @Transactional(readOnly = true)
    public SparsityMap sparsity(JobId job) {
        return new SparsityMap(
                rounds.all(job).stream().flatMap(round -> sparsity(round).stream()).toList());
    }

    private static Optional<SparsityMap.Round> sparsity(Round round) {
        return Optional.ofNullable(round.session())
                .map(RoundSessionView::matrices)
                .map(matrices ->
                        new SparsityMap.Round(
                                round.number(), MatrixSparsity.ofAll(matrices), matrices));
    }

    /** What became of rank-1 components, in the rounds that told of them. */
    @Transactional(readOnly = true)
    public List<ComponentMaps.Told> components(JobId job) {
        return rounds.all(job).stream().flatMap(round -> components(round).stream()).toList();
    }

    private static Optional<ComponentMaps.Told> components(Round round) {
        RoundSessionView session = round.session();
        if (session == null || session.components() == null) {
            return Optional.empty();
        }
        List<ModuleComponents> components = session.components();
        int rank = components.isEmpty() ? 0 : components.getFirst().contributors().size();
        return Optional.of(
                new ComponentMaps.Told(
                        round.number(), counted(session), components, clients(round, rank)));
    }

    private static List<ComponentMap.Client> clients(Round round, int rank) {
        PlannedRanks planned = round.plan().ranks();
        return planned == null
                ? everyoneAll(round, rank)
                : planned.clients().stream()
                        .map(client ->
                                new ComponentMap.Client(
                                        client.agent(),
                                        client.rank(),
                                        planned.scope(client.agent()).components()))
                        .toList();
    }

    /** Nothing was allotted: each of the cohort trained all. */
    private static List<ComponentMap.Client> everyoneAll(Round round, int rank) {
        SelectionView selection = round.plan().selection();
        return selection == null
                ? List.of()
                : Draw.cohort(selection).stream()
                        .map(agent -> new ComponentMap.Client(agent, rank, null))
                        .toList();
    }

    private static int counted(RoundSessionView session) {
        return (int)
                session.updates().stream()
                        .filter(update -> update.state() == UpdateState.ACCEPTED)
                        .count();
    }

    /** How many rounds are in each state, over all jobs. */
    @Transactional(readOnly = true)
    public Map<RoundState, Long> count() {
        Map<RoundState, Long> count = new EnumMap<>(RoundState.class);
        for (Object[] row : rows.countByStage()) {
            count.merge(state((RoundEntity.Stage) row[0]), (Long) row[1], Long::sum);
        }
        return count;
    }

    private static RoundState state(RoundEntity.Stage stage) {
        return switch (stage) {
            case SCORING -> RoundState.SCORING;
            case DRAWN, GATHERING -> RoundState.GATHERING;
            case COMBINING -> RoundState.COMBINING;
            case EVALUATING -> RoundState.EVALUATING;
            case COMPLETED -> RoundState.COMPLETED;
            case VOID -> RoundState.VOID;
            case CANCELLED -> RoundState.CANCELLED;
        };
    }

    private RoundView view(Round round) {
        return RoundViews.of(round, assignments.of(round.id()), clock.instant());
    }
}
