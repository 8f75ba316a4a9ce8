package dev.espalier.agent;

import dev.espalier.agent.data.DataRoom;
import dev.espalier.agent.journal.Journal;
import dev.espalier.agent.model.DownloadBook;
import dev.espalier.agent.model.ModelStructures;
import dev.espalier.agent.model.OwnAdapters;
import dev.espalier.agent.poll.HttpOrchestrator;
import dev.espalier.agent.poll.PollLoop;
import dev.espalier.agent.poll.Secret;
import dev.espalier.agent.poll.Work;
import dev.espalier.agent.upload.UpdateWriter;
import dev.espalier.agent.work.EvaluationWork;
import dev.espalier.agent.work.Fetching;
import dev.espalier.agent.work.HandingIn;
import dev.espalier.agent.work.PruningWork;
import dev.espalier.agent.work.ScoringWork;
import dev.espalier.agent.work.TrainingWork;
import dev.espalier.agent.work.Workbench;
import dev.espalier.protocol.work.Capabilities;
import dev.espalier.protocol.work.Outcome;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Makes each configured agent from its own settings and what all share. */
final class AgentAssembly {

    private final AgentProperties properties;
    private final AgentParts parts;

    AgentAssembly(AgentProperties properties, AgentParts parts) {
        this.properties = properties;
        this.parts = parts;
    }

    /** Reads all data first, so that nobody enrols before everybody can work. */
    List<Agent> assemble(Runtime machine) throws IOException {
        List<DataRoom> rooms =
                properties.agents().stream().map(agent -> DataRoom.open(agent.data())).toList();
        List<Agent> agents = new ArrayList<>();
        for (int i = 0; i < rooms.size(); i++) {
            agents.add(agent(properties.agents().get(i), rooms.get(i), machine));
        }
        return agents;
    }

    private Agent agent(AgentProperties.Agent settings, DataRoom room, Runtime machine)
            throws IOException {
        AgentHome home = AgentHome.open(properties.homeOf(settings));
        Journal journal = new Journal(home.journal(), parts.json());
        HttpOrchestrator orchestrator =
                new HttpOrchestrator(
                        parts.orchestrator(),
                        settings.name(),
                        Secret.in(home.secret(), new SecureRandom()),
                        Optional.ofNullable(properties.orchestrator().enrolmentToken()));
        PollLoop loop =
                new PollLoop(
                        orchestrator,
                        capabilities(settings, room, machine),
                        counted(settings, workbench(settings, room, home, journal)),
                        journal,
                        parts.patience(),
                        new PollLoop.Rhythm(
                                properties.poll().waitUpTo(), properties.poll().heartbeat()),
                        parts.sleeper());
        return new Agent(settings.name(), home, loop, parts.patience());
    }

    private Workbench workbench(
            AgentProperties.Agent settings, DataRoom room, AgentHome home, Journal journal)
            throws IOException {
        Fetching fetching =
                new Fetching(
                        parts.cache(),
                        parts.models(),
                        new DownloadBook(home.downloads()),
                        parts.patience());
        OwnAdapters own =
                new OwnAdapters(home.ownAdapters(), properties.cache().ownAdapters().toBytes());
        HandingIn handingIn =
                new HandingIn(
                        settings.name(), parts.aggregation(), parts.patience(), parts.nanoTime());
        UpdateWriter writer = new UpdateWriter(parts.json());
        return new Workbench(
                room,
                journal,
                new TrainingWork(
                        settings.name(),
                        fetching,
                        parts.slots(),
                        writer,
                        own,
                        handingIn,
                        thrift(),
                        parts.nanoTime()),
                new PruningWork(
                        settings.name(),
                        fetching,
                        parts.slots(),
                        writer,
                        handingIn,
                        parts.nanoTime()),
                new EvaluationWork(fetching, parts.slots(), parts.nanoTime()),
                new ScoringWork(fetching, parts.slots(), own));
    }

    private TrainingWork.Thrift thrift() {
        return new TrainingWork.Thrift(
                properties.training().checkpointEvery(),
                properties.training().stateMemory().toBytes());
    }

    private Capabilities capabilities(
            AgentProperties.Agent settings, DataRoom room, Runtime machine) {
        String version = AgentApplication.class.getPackage().getImplementationVersion();
        return new Capabilities(
                settings.roles(),
                room.offers(),
                ModelStructures.families(),
                settings.memory().toBytes(),
                machine.availableProcessors(),
                settings.uplink() == null ? null : settings.uplink().toBytes(),
                parts.placement().kind(),
                "espalier-client-agent/" + (version == null ? "development" : version));
    }

    /** Counts outcomes by agent and kind. */
    private Work counted(AgentProperties.Agent settings, Work work) {
        return (assignment, heartbeat) -> {
            Optional<Outcome> outcome = work.perform(assignment, heartbeat);
            String kind = outcome.map(found -> found.getClass().getSimpleName()).orElse("Stopped");
            parts.meters()
                    .counter("espalier.outcomes", "agent", settings.name().value(), "kind", kind)
                    .increment();
            return outcome;
        };
    }
}
