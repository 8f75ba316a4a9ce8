package dev.espalier.agent;

import dev.espalier.agent.model.BaseModels;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.SmartLifecycle;

/** All agents of this JVM: they start with it and stop with it. */
final class Agents implements SmartLifecycle, HealthIndicator {

    private static final Logger log = LoggerFactory.getLogger(Agents.class);
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final List<Agent> agents;
    private final BaseModels models;
    private volatile boolean running;

    /**
     * @param models closed when the last agent has stopped
     */
    Agents(List<Agent> agents, BaseModels models) {
        this.agents = List.copyOf(agents);
        this.models = models;
    }

    @Override
    public void start() {
        running = true;
        agents.forEach(Agent::start);
        log.info("agents started count={}", agents.size());
    }

    @Override
    public void stop() {
        agents.forEach(Agent::interrupt);
        if (allStopped()) {
            models.close();
        } // else: closing would pull the weights from under a step that is being computed
        running = false;
    }

    private boolean allStopped() {
        try {
            boolean all = true;
            for (Agent agent : agents) {
                all &= agent.join(PATIENCE);
            }
            return all;
        } catch (InterruptedException hurry) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    /** Down as soon as one agent cannot work: its owner has to do something. */
    @Override
    public Health health() {
        Health.Builder health = Health.up();
        for (Agent agent : agents) {
            if (agent.state() == Agent.State.REFUSED) {
                health.down();
            }
            health.withDetail(agent.name().value(), agent.state());
        }
        return health.build();
    }
}
