package dev.espalier.orchestrator.neighbour;

import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.Digest;
import dev.espalier.protocol.JobId;
import dev.espalier.protocol.ModelName;
import dev.espalier.protocol.ModelPointer;
import dev.espalier.protocol.RoundId;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.job.AggregationSpec;
import dev.espalier.protocol.job.SparseAggregationSpec;
import dev.espalier.protocol.model.MatrixSparsity;
import dev.espalier.protocol.model.ModelStructure;
import dev.espalier.protocol.model.VersionKind;
import dev.espalier.protocol.model.VersionManifest;
import dev.espalier.protocol.problem.Problem;
import dev.espalier.protocol.problem.ProblemType;
import dev.espalier.protocol.update.HeadAllowance;
import dev.espalier.protocol.update.InitialAdapter;
import dev.espalier.protocol.update.MergeAdapter;
import dev.espalier.protocol.update.RoundSession;
import dev.espalier.protocol.update.RoundSessionView;
import dev.espalier.protocol.update.RoundSessionView.BlockHeads;
import dev.espalier.protocol.update.RoundSessionView.ModuleComponents;
import dev.espalier.protocol.update.RoundSessionView.OwnVersion;
import dev.espalier.protocol.update.RoundSessionView.State;
import dev.espalier.protocol.update.RoundSessionView.UpdateState;
import dev.espalier.protocol.update.RoundSessionView.UpdateView;
import dev.espalier.protocol.update.RoundWork;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** An aggregation service in memory. It survives crashes of the orchestrator. */
public final class FakeAggregation implements Aggregation {

    private final FakeRegistry registry;
    private final InstantSource clock;
    private final Map<RoundId, Desk> desks = new HashMap<>();
    private final Map<VersionRef, List<ModuleComponents>> components = new HashMap<>();
    private final Map<JobId, InitialAdapter> firsts = new HashMap<>();
    private final Outage outage = new Outage("the aggregation service");

    public FakeAggregation(FakeRegistry registry, InstantSource clock) {
        this.registry = registry;
        this.clock = clock;
    }

    public Outage outage() {
        return outage;
    }

    private static final class Desk {
        private final RoundSession session;
        private final Map<AgentName, UpdateView> updates = new TreeMap<>();
        private State state = State.OPEN;
        private @Nullable VersionRef published;
        private @Nullable VersionRef publishedBase;
        private @Nullable List<BlockHeads> heads;
        private @Nullable List<ModuleComponents> components;
        private @Nullable List<OwnVersion> standalone;
        private @Nullable List<MatrixSparsity> matrices;

        Desk(RoundSession session) {
            this.session = session;
            session.cohort().forEach(i -> updates.put(i.agent(), missing(i.agent())));
        }

        RoundSession.Invitation invitation(AgentName agent) {
            return session.cohort().stream()
                    .filter(i -> i.agent().equals(agent))
                    .findFirst()
                    .orElseThrow();
        }
    }

    /** On which base each job's first adapter was made. */
    public synchronized VersionRef baseOfFirst(JobId job) {
        return Objects.requireNonNull(firsts.get(job)).base();
    }

    @Override
    public synchronized VersionManifest initialAdapter(InitialAdapter wanted) {
        outage.strike();
        InitialAdapter before = firsts.putIfAbsent(wanted.job(), wanted);
        if (before != null && !before.equals(wanted)) {
            throw refusal(ProblemType.CONTRADICTS_EARLIER_REQUEST);
        }
        return registry.publish(
                wanted.job() + "/initial",
                wanted.publishAs(),
                VersionKind.ADAPTER,
                null,
                "first " + wanted.seed() + wanted.adapter() + wanted.task());
    }

    @Override
    public synchronized VersionManifest mergedModel(MergeAdapter wanted) {
        outage.strike();
        return registry.publish(
                wanted.job() + "/merged",
                wanted.publishAs(),
                VersionKind.MERGED,
                Models.structure(),
                "merged " + wanted.adapter().number());
    }

    @Override
    public synchronized RoundSessionView open(RoundSession session) {
        outage.strike();
        Desk desk = desks.computeIfAbsent(session.round(), r -> new Desk(session));
        if (!desk.session.equals(session)) {
            throw refusal(ProblemType.CONTRADICTS_EARLIER_REQUEST);
        }
        return view(desk);
    }

    @Override
    public synchronized RoundSessionView view(RoundId round) {
        outage.strike();
        return view(desk(round));
    }

    /** Combines at the second call, as the real one does behind the first. */
    @Override
    public synchronized RoundSessionView seal(RoundId round) {
        outage.strike();
        Desk desk = desk(round);
        switch (desk.state) {
            case OPEN -> desk.state = State.SEALED;
            case SEALED -> combine(desk);
            case PUBLISHED, VOID, CANCELLED -> {}
        }
        return view(desk);
    }

    @Override
    public synchronized RoundSessionView cancel(RoundId round) {
        outage.strike();
        Desk desk = desk(round);
        if (desk.state != State.PUBLISHED) {
            desk.state = State.CANCELLED;
        }
        return view(desk);
    }

    /** What an agent does over HTTP; false where it is refused. */
    public synchronized boolean handIn(
            RoundId round, AgentName agent, String token, String content, long examples) {
        Desk desk = desk(round);
        Digest shown = Digest.of(token.getBytes(StandardCharsets.US_ASCII));
        boolean invited =
                desk.session.cohort().stream()
                        .anyMatch(i -> i.agent().equals(agent) && i.tokenHash().equals(shown));
        if (!invited || desk.state != State.OPEN) {
            return false;
        }
        if (desk.updates.get(agent).state() == UpdateState.MISSING) {
            desk.updates.put(agent, accepted(content, examples, desk, agent));
        }
        return true;
    }

    /** The agent's update was no good. */
    public synchronized void reject(RoundId round, AgentName agent, String reason) {
        desk(round).updates.put(agent, rejected(agent, reason));
    }

    public synchronized State state(RoundId round) {
        return desk(round).state;
    }

    private void combine(Desk desk) {
        List<UpdateView> counted =
                desk.updates.values().stream()
                        .filter(update -> update.state() == UpdateState.ACCEPTED)
                        .toList();
        if (counted.isEmpty()) {
            desk.state = State.VOID;
            return;
        }
        switch (desk.session.work()) {
            case RoundWork.FineTune _ -> train(desk, counted);
            case RoundWork.Prune prune -> prune(desk, prune, counted);
        }
        desk.state = State.PUBLISHED;
    }

    /** A base, or one of each client; as sparse as was asked for wherever somebody pruned. */
    private void prune(Desk desk, RoundWork.Prune work, List<UpdateView> counted) {
        ModelStructure structure =
                registry.find(ModelPointer.parse(desk.session.base().toString()))
                        .orElseThrow()
                        .structure();
        if (work.aggregation() instanceof SparseAggregationSpec.Standalone) {
            desk.standalone =
                    counted.stream()
                            .map(update ->
                                    new OwnVersion(
                                            update.agent(),
                                            base(
                                                    desk,
                                                    "round:"
                                                            + desk.session.round()
                                                            + ":"
                                                            + update.agent(),
                                                    List.of(update),
                                                    structure)))
                            .toList();
            desk.published = desk.standalone.getFirst().version();
        } else {
            desk.published = base(desk, "round:" + desk.session.round(), counted, structure);
        }
        desk.publishedBase = desk.published;
        desk.matrices =
                structure.linears().stream()
                        .map(linear -> matrix(linear, desk, work, counted))
                        .sorted(Comparator.comparing(MatrixSparsity::name))
                        .toList();
    }

    private VersionRef base(
            Desk desk, String key, List<UpdateView> counted, ModelStructure structure) {
        StringBuilder content = new StringBuilder("pruned " + desk.session.base().number());
        counted.forEach(update -> content.append(update.agent()).append(update.digest()));
        return registry.publish(
                        key,
                        RoundSession.basesOf(desk.session.publishAs()),
                        VersionKind.MERGED,
                        structure,
                        content.toString())
                .ref();
    }

    private static MatrixSparsity matrix(
            ModelStructure.Linear linear,
            Desk desk,
            RoundWork.Prune work,
            List<UpdateView> counted) {
        int responders =
                (int)
                        counted.stream()
                                .map(update -> desk.invitation(update.agent()).scope().layers())
                                .filter(layers -> layers.contains(linear.layer()))
                                .count();
        long elements = (long) linear.in() * linear.out();
        return new MatrixSparsity(
                linear.weight(),
                elements,
                responders == 0 ? 0 : Math.round(elements * sparsity(work)),
                responders);
    }

    private static double sparsity(RoundWork.Prune work) {
        return work.sparsity() == null
                ? work.weights().groups().dropped() / (double) work.weights().groups().size()
                : work.sparsity().doubleValue();
    }

    private void train(Desk desk, List<UpdateView> counted) {
        desk.heads =
                KeptHeads.of(
                        Models.structure(),
                        counted.stream()
                                .map(update -> desk.invitation(update.agent()).heads())
                                .toList());
        StringBuilder content = new StringBuilder("round of " + desk.session.parent().number());
        counted.forEach(u -> content.append(u.agent()).append(u.digest()).append(u.examples()));
        desk.published =
                registry.publish(
                                desk.session.round().toString(),
                                desk.session.publishAs(),
                                VersionKind.ADAPTER,
                                null,
                                content.toString())
                        .ref();
        merge(desk, counted);
        trained(desk, counted);
    }

    /** Every round of STACKING makes a base. */
    private void merge(Desk desk, List<UpdateView> counted) {
        if (training(desk.session).aggregation() instanceof AggregationSpec.Stacking) {
            desk.publishedBase =
                    registry.publish(
                                    desk.session.round() + "/base",
                                    new ModelName(desk.session.publishAs() + "-base"),
                                    VersionKind.MERGED,
                                    Models.structure(),
                                    "stacked on " + desk.session.base() + counted.size())
                            .ref();
        }
    }

    private void trained(Desk desk, List<UpdateView> counted) {
        RoundSession session = desk.session;
        if (training(session).ranks() != null
                || training(session).aggregation() instanceof AggregationSpec.RankOptimal) {
            desk.components =
                    TrainedComponents.of(
                            training(session),
                            counted.stream().map(u -> desk.invitation(u.agent()).scope()).toList(),
                            components.get(session.parent()));
            components.put(desk.published, desk.components);
        }
    }

    private static RoundWork.FineTune training(RoundSession session) {
        return (RoundWork.FineTune) session.work();
    }

    private Desk desk(RoundId round) {
        Desk desk = desks.get(round);
        if (desk == null) {
            throw refusal(ProblemType.NOT_FOUND);
        }
        return desk;
    }

    private static RoundSessionView view(Desk desk) {
        return new RoundSessionView(
                desk.session.round(),
                desk.state,
                List.copyOf(desk.updates.values()),
                desk.published,
                desk.publishedBase,
                desk.standalone,
                desk.state == State.VOID ? "no update counted" : null,
                desk.heads,
                desk.components,
                desk.matrices,
                desk.state == State.PUBLISHED ? 0.25 : 0);
    }

    private UpdateView accepted(String content, long examples, Desk desk, AgentName agent) {
        RoundSession.Invitation invitation = desk.invitation(agent);
        List<Integer> layers = invitation.scope().layers();
        HeadAllowance allowance = invitation.heads();
        Map<String, List<Integer>> asked = invitation.scope().components();
        Digest digest = Digest.of(content.getBytes(StandardCharsets.UTF_8));
        return new UpdateView(
                invitation.agent(),
                UpdateState.ACCEPTED,
                null,
                digest,
                1000,
                100,
                1200,
                examples,
                7,
                allowance == null ? null : allowance.atMost(),
                asked == null ? null : asked.values().stream().mapToInt(List::size).sum(),
                layers == null ? null : layers.size(),
                desk.session.work() instanceof RoundWork.Prune work ? sparsity(work) : null,
                invitation.upload() == null ? null : 0.01,
                null,
                0.5,
                3.5,
                1.0,
                clock.instant());
    }

    private static UpdateView rejected(AgentName agent, String reason) {
        return new UpdateView(
                agent,
                UpdateState.REJECTED,
                reason,
                null,
                0,
                0,
                0,
                0,
                0,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                0,
                null,
                null);
    }

    private static UpdateView missing(AgentName agent) {
        return new UpdateView(
                agent,
                UpdateState.MISSING,
                null,
                null,
                0,
                0,
                0,
                0,
                0,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                0,
                null,
                null);
    }

    private static NeighbourRefused refusal(ProblemType type) {
        return new NeighbourRefused(
                "the aggregation service",
                new Problem(
                        type.uri(),
                        type.title(),
                        type.status(),
                        "test",
                        type.worthRetrying(),
                        null));
    }
}
