package dev.espalier.agent;

import dev.espalier.agent.data.DataSettings;
import dev.espalier.lm.compute.DeviceChoice;
import dev.espalier.lm.compute.Precision;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.work.AgentRole;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * All settings of the agents of one JVM.
 *
 * @param agents who lives here
 * @param home folder that holds what agents remember, a folder for each
 * @param orchestrator where work comes from
 * @param registry where versions come from
 * @param aggregation where updates go
 * @param cache versions kept on this machine, shared by all agents
 * @param training how agents share the machine
 * @param poll how often the orchestrator is talked to
 * @param retry how patiently a service that does not answer is asked again
 */
@ConfigurationProperties("espalier")
record AgentProperties(
        @DefaultValue List<Agent> agents,
        @DefaultValue(".espalier/agents") Path home,
        @DefaultValue Orchestrator orchestrator,
        @DefaultValue Registry registry,
        @DefaultValue Aggregation aggregation,
        @DefaultValue Cache cache,
        @DefaultValue Training training,
        @DefaultValue Poll poll,
        @DefaultValue Retry retry) {

    AgentProperties {
        Set<AgentName> names = new HashSet<>();
        for (Agent agent : agents) {
            require(
                    names.add(agent.name()),
                    "espalier.agents[].name is there twice: " + agent.name);
        }
    }

    /**
     * @param name unique in the federation, and the same for ever
     * @param roles what it lends its hand to
     * @param home its own folder; absent: one of its name in the common home
     * @param memory what it may use, told to the orchestrator
     * @param uplink what it may send in a second, told to the orchestrator; absent: not told
     * @param data what it can work on
     */
    record Agent(
            AgentName name,
            @DefaultValue("TRAIN") Set<AgentRole> roles,
            @Nullable Path home,
            @DefaultValue("4GB") DataSize memory,
            @Nullable DataSize uplink,
            @DefaultValue List<DataSettings> data) {

        Agent {
            require(name != null, "espalier.agents[].name is missing");
            require(
                    uplink == null || uplink.toBytes() > 0,
                    "espalier.agents[].uplink must be above 0");
        }
    }

    /**
     * @param enrolmentToken where the orchestrator asks new agents for one
     */
    record Orchestrator(
            @DefaultValue("http://127.0.0.1:8080") URI url, @Nullable String enrolmentToken) {

        Orchestrator {
            url = withoutSlash(url);
        }

        /** Without the token. */
        @Override
        public String toString() {
            return "Orchestrator[" + url + "]";
        }
    }

    record Registry(@DefaultValue("http://127.0.0.1:8081") URI url) {

        Registry {
            url = withoutSlash(url);
        }
    }

    record Aggregation(@DefaultValue("http://127.0.0.1:8082") URI url) {

        Aggregation {
            url = withoutSlash(url);
        }
    }

    /**
     * @param folder absent: one named cache beside the agents' homes
     * @param maxSize what is in use stays, even beyond it
     * @param ownAdapters of each agent: what it made of its jobs' adapters last
     */
    record Cache(
            @Nullable Path folder,
            @DefaultValue("10GB") DataSize maxSize,
            @DefaultValue("256MB") DataSize ownAdapters) {}

    /**
     * @param parallel how many agents compute at the same time; absent: one for each core
     * @param threads of one computation; with 1, results do not depend on the machine
     * @param device auto, cpu, cuda or cuda:n; the CPU takes the place of a GPU that cannot be
     *     used, and the log says why
     * @param compute in what precision
     * @param checkpointEvery how much work a crash may cost
     * @param stateMemory of each run, for what frozen layers below the trained ones make of the
     *     rows; 0 to compute it in every epoch
     */
    record Training(
            @Nullable Integer parallel,
            @DefaultValue("1") int threads,
            @DefaultValue("auto") DeviceChoice device,
            @DefaultValue("single") Arithmetic compute,
            @DefaultValue("20s") Duration checkpointEvery,
            @DefaultValue("256MB") DataSize stateMemory) {

        Training {
            require(parallel == null || parallel > 0, "espalier.training.parallel must be above 0");
            require(threads > 0, "espalier.training.threads must be above 0");
            require(!stateMemory.isNegative(), "espalier.training.state-memory must be 0 or more");
        }
    }

    /** How models are computed. */
    enum Arithmetic {
        /** In 32 bits: the same on every processor but for the last digits. */
        SINGLE,
        /**
         * Frozen layers in 16 bits, in about 0.6 of the time; as {@link #SINGLE} where the
         * processor is not made for it, and the log says so.
         */
        BF16_WHERE_SUPPORTED;

        Precision precision() {
            return switch (this) {
                case SINGLE -> Precision.SINGLE;
                case BF16_WHERE_SUPPORTED -> Precision.bfloat16WhereSupported();
            };
        }
    }

    /**
     * @param waitUpTo how long the orchestrator may hold back the answer to a poll
     * @param heartbeat how often an agent at work says how far it is
     */
    record Poll(@DefaultValue("20s") Duration waitUpTo, @DefaultValue("2s") Duration heartbeat) {}

    /**
     * @param first pause after the first failure; it doubles from there
     * @param longest pause
     */
    record Retry(@DefaultValue("500ms") Duration first, @DefaultValue("30s") Duration longest) {

        Retry {
            require(
                    !first.isNegative() && longest.compareTo(first) >= 0,
                    "espalier.retry: 0 <= first <= longest");
        }
    }

    Path homeOf(Agent agent) {
        return agent.home() == null ? home.resolve(agent.name().value()) : agent.home();
    }

    Path cacheFolder() {
        return cache.folder() == null ? home.resolveSibling("cache") : cache.folder();
    }

    private static URI withoutSlash(URI url) {
        return URI.create(url.toString().replaceAll("/+$", ""));
    }

    private static void require(boolean condition, String otherwise) {
        if (!condition) {
            throw new IllegalArgumentException(otherwise);
        }
    }
}
