package dev.espalier.benchmarks.experiment;

import dev.espalier.local.platform.Orchestrator;
import dev.espalier.protocol.JobId;
import dev.espalier.protocol.job.ComponentMap;
import dev.espalier.protocol.job.HeadMap;
import dev.espalier.protocol.job.JobSpecification;
import dev.espalier.protocol.job.JobView;
import dev.espalier.protocol.job.PhaseSpec;
import dev.espalier.protocol.job.RoundView;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** A federation behind the operator API of its orchestrator. */
public final class HttpPlatform implements Platform {

    private final Orchestrator orchestrator;

    public HttpPlatform(Orchestrator orchestrator) {
        this.orchestrator = orchestrator;
    }

    @Override
    public JobView submit(JobSpecification job, String key)
            throws IOException, InterruptedException {
        return orchestrator.submit(job, key);
    }

    @Override
    public JobView job(JobId job) throws IOException, InterruptedException {
        return orchestrator.job(job);
    }

    @Override
    public List<JobView> jobs() throws IOException, InterruptedException {
        return orchestrator.jobs();
    }

    @Override
    public List<RoundView> rounds(JobId job) throws IOException, InterruptedException {
        return orchestrator.rounds(job).stream()
                .sorted(Comparator.comparingInt(RoundView::number))
                .toList();
    }

    @Override
    public void pause(JobId job) throws IOException, InterruptedException {
        orchestrator.pause(job);
    }

    @Override
    public void resume(JobId job) throws IOException, InterruptedException {
        orchestrator.resume(job);
    }

    @Override
    public void cancel(JobId job) throws IOException, InterruptedException {
        orchestrator.cancel(job);
    }

    @Override
    public Optional<HeadMap> headMap(JobView job) throws IOException, InterruptedException {
        return anyPhase(job, HttpPlatform::prunesHeads)
                ? Optional.of(orchestrator.headMap(job.id()))
                : Optional.empty();
    }

    @Override
    public Optional<ComponentMap> componentMap(JobView job)
            throws IOException, InterruptedException {
        return anyPhase(job, HttpPlatform::sharesComponents)
                ? Optional.of(orchestrator.componentMap(job.id()))
                : Optional.empty();
    }

    private static boolean anyPhase(JobView job, Predicate<PhaseSpec> condition) {
        return job.specification().phases().stream().anyMatch(condition);
    }

    private static boolean prunesHeads(PhaseSpec phase) {
        return switch (phase) {
            case PhaseSpec.FineTune tune ->
                    tune.pruning() != null && tune.pruning().heads() != null;
            case PhaseSpec.Prune _ -> false;
        };
    }

    private static boolean sharesComponents(PhaseSpec phase) {
        return switch (phase) {
            case PhaseSpec.FineTune tune -> tune.ranks() != null;
            case PhaseSpec.Prune _ -> false;
        };
    }
}
