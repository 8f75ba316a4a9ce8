package dev.espalier.orchestrator.metrics;

import dev.espalier.orchestrator.fleet.Fleet;
import dev.espalier.orchestrator.job.Jobs;
import dev.espalier.orchestrator.round.Rounds;
import dev.espalier.orchestrator.signal.Bell;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.job.JobState;
import dev.espalier.protocol.job.RoundState;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import org.springframework.stereotype.Component;

/** Jobs and rounds by state, agents alive, polls that wait. Counted when they are asked for. */
@Component
class OrchestratorMetrics implements MeterBinder {

    private final Jobs jobs;
    private final Rounds rounds;
    private final Fleet fleet;
    private final Bell<AgentName> polls;

    OrchestratorMetrics(Jobs jobs, Rounds rounds, Fleet fleet, Bell<AgentName> polls) {
        this.jobs = jobs;
        this.rounds = rounds;
        this.fleet = fleet;
        this.polls = polls;
    }

    @Override
    public void bindTo(MeterRegistry meters) {
        for (JobState state : JobState.values()) {
            Gauge.builder("espalier.jobs", () -> jobs.count().getOrDefault(state, 0L))
                    .description("jobs by state")
                    .tag("state", state.name())
                    .register(meters);
        }
        for (RoundState state : RoundState.values()) {
            Gauge.builder("espalier.rounds", () -> rounds.count().getOrDefault(state, 0L))
                    .description("rounds of all jobs by state")
                    .tag("state", state.name())
                    .register(meters);
        }
        Gauge.builder("espalier.agents.alive", fleet::alive)
                .description("agents heard of lately")
                .register(meters);
        Gauge.builder("espalier.polls.waiting", polls::listeners)
                .description("polls that wait for work right now")
                .register(meters);
    }
}
