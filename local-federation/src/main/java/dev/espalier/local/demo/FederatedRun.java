package dev.espalier.local.demo;

import dev.espalier.local.display.Display;
import dev.espalier.local.platform.Orchestrator;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.job.JobEvent;
import dev.espalier.protocol.job.JobView;
import dev.espalier.protocol.job.RoundView;
import dev.espalier.transfer.Sleeper;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;

/** The demo's job, from its submission to its end, told to the person who watches. */
final class FederatedRun {

    /** Too many to say each; the block shows how they stand. */
    private static final String PROGRESS = "client-progress";

    private final Orchestrator orchestrator;
    private final Display display;
    private final InstantSource clock;
    private final JobWatch watch;

    FederatedRun(Orchestrator orchestrator, Display display, InstantSource clock, Sleeper sleeper) {
        this.orchestrator = orchestrator;
        this.display = display;
        this.clock = clock;
        this.watch = new JobWatch(orchestrator, sleeper);
    }

    /** What came of it. */
    record Result(JobView job, List<RoundView> rounds) {}

    Result run(Recipe recipe, VersionRef base, String key)
            throws IOException, InterruptedException {
        cancelLeftovers();
        JobView submitted = orchestrator.submit(recipe.job(base), key);
        display.say("Submitted job " + submitted.id());
        JobView ended = watch.follow(submitted.id(), this::tell);
        display.show(List.of());
        return new Result(ended, orchestrator.rounds(ended.id()));
    }

    /** A demo that was interrupted left a job behind, which would want the same agents. */
    private void cancelLeftovers() throws IOException, InterruptedException {
        for (JobView job : orchestrator.jobs()) {
            if (!job.state().isFinal() && job.specification().name().equals(Recipe.JOB)) {
                orchestrator.cancel(job.id());
                display.say("Cancelled job " + job.id() + ", left behind by an earlier demo");
            }
        }
    }

    private void tell(JobEvent event, JobView job, List<RoundView> rounds) {
        if (!event.type().equals(PROGRESS)) {
            display.say("  " + event.message());
        }
        display.show(JobPicture.of(job, rounds, clock.instant()));
    }
}
