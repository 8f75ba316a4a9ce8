package dev.espalier.orchestrator.fleet;

import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.Digest;
import dev.espalier.protocol.work.AgentView;
import dev.espalier.protocol.work.Capabilities;
import dev.espalier.protocol.work.Enrolment;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.data.domain.Sort;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionOperations;
import tools.jackson.databind.json.JsonMapper;

/** The agents that are enrolled. Of their secrets it knows only hashes. */
@Component
public class Fleet {

    private static final Logger log = LoggerFactory.getLogger(Fleet.class);

    private final AgentRepository agents;
    private final AgentWork work;
    private final TransactionOperations transactions;
    private final JsonMapper json;
    private final InstantSource clock;
    private final FleetProperties properties;
    private final Instant listeningSince;
    private final Optional<Instant> quietSince;

    Fleet(
            AgentRepository agents,
            AgentWork work,
            TransactionOperations transactions,
            JsonMapper json,
            InstantSource clock,
            FleetProperties properties) {
        this.agents = agents;
        this.work = work;
        this.transactions = transactions;
        this.json = json;
        this.clock = clock;
        this.properties = properties;
        this.listeningSince = clock.instant();
        this.quietSince = agents.lastCall();
    }

    Enrolled enrol(AgentName name, Enrolment enrolment, Caller caller) {
        if (!mayEnrol(caller)) {
            return new Enrolled.TokenRefused();
        }
        try {
            return inTransaction(() -> enrolOnce(name, enrolment));
        } catch (DataIntegrityViolationException bothAtOnce) {
            return inTransaction(() -> enrolOnce(name, enrolment));
        }
    }

    private boolean mayEnrol(Caller caller) {
        String token = properties.enrolmentToken();
        return token == null || caller.shows(Caller.hash(token));
    }

    private Enrolled enrolOnce(AgentName name, Enrolment enrolment) {
        String capabilities = json.writeValueAsString(enrolment.capabilities());
        Optional<AgentEntity> known = agents.findById(name.value());
        if (known.isEmpty()) {
            String hash = Caller.hash(enrolment.secret()).hex();
            AgentEntity fresh =
                    agents.saveAndFlush(
                            new AgentEntity(name.value(), hash, capabilities, clock.instant()));
            log.info("agent enrolled agent={}", name);
            return new Enrolled.New(view(agent(fresh), Map.of()));
        }
        AgentEntity entity = known.get();
        if (!Caller.showing(enrolment.secret()).shows(new Digest(entity.secretHash))) {
            return new Enrolled.NameTaken();
        }
        entity.capabilities = capabilities;
        entity.lastSeen = clock.instant();
        return new Enrolled.Known(view(agent(entity), work.current()));
    }

    /** Whether the caller is that agent. */
    public boolean isCalledBy(AgentName name, Caller caller) {
        return agents.findById(name.value())
                .map(entity -> caller.shows(new Digest(entity.secretHash)))
                .orElse(false);
    }

    /** An agent has called. */
    public void heard(AgentName name) {
        transactions.executeWithoutResult(status -> agents.heard(name.value(), clock.instant()));
    }

    /** An agent has called and said what it can do now. */
    public void heard(AgentName name, Capabilities capabilities) {
        String described = json.writeValueAsString(capabilities);
        transactions.executeWithoutResult(status -> {
            agents.heard(name.value(), clock.instant());
            boolean changed =
                    agents.findById(name.value())
                            .filter(entity -> !entity.capabilities.equals(described))
                            .isPresent();
            if (changed) {
                agents.describe(name.value(), described);
            }
        });
    }

    public FleetSnapshot snapshot() {
        return new FleetSnapshot(
                all().stream().map(this::agent).toList(),
                clock.instant(),
                properties.aliveWindow(),
                listeningSince.plus(properties.returnWindow()),
                listeningSince,
                quietSince);
    }

    /** How many agents were heard of lately. */
    public long alive() {
        return agents.countHeardSince(clock.instant().minus(properties.aliveWindow()));
    }

    List<AgentView> views() {
        Map<AgentName, AgentWork.Current> busy = work.current();
        return all().stream().map(entity -> view(agent(entity), busy)).toList();
    }

    Optional<AgentView> view(AgentName name) {
        return agents.findById(name.value()).map(entity -> view(agent(entity), work.current()));
    }

    /** Voids the agent's secret and ends its work. */
    boolean remove(AgentName name) {
        return inTransaction(() -> {
            boolean known = agents.existsById(name.value());
            if (known) {
                agents.deleteById(name.value());
                work.drop(name, "the agent was removed from the fleet");
                log.info("agent removed agent={}", name);
            }
            return known;
        });
    }

    private <T> T inTransaction(Supplier<T> action) {
        return transactions.execute(status -> action.get());
    }

    private List<AgentEntity> all() {
        return agents.findAll(Sort.by("name"));
    }

    private Agent agent(AgentEntity entity) {
        return new Agent(
                new AgentName(entity.name),
                json.readValue(entity.capabilities, Capabilities.class),
                entity.enrolledAt,
                entity.lastSeen);
    }

    private AgentView view(Agent agent, Map<AgentName, AgentWork.Current> busy) {
        AgentWork.Current current = busy.get(agent.name());
        return new AgentView(
                agent.name(),
                FleetSnapshot.isAlive(agent.lastSeen(), clock.instant(), properties.aliveWindow()),
                agent.capabilities(),
                current == null ? null : current.assignment(),
                current == null ? null : current.progress(),
                agent.enrolledAt(),
                agent.lastSeen());
    }
}
