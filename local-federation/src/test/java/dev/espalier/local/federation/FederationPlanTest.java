package dev.espalier.local.federation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.DataName;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FederationPlanTest {

    @TempDir Path folder;

    @ParameterizedTest
    @EnumSource
    void everyPartListensOnLoopbackOnItsOwnPortAndWritesInTheHomeOnly(Part part) {
        Map<String, String> settings = plan().settings(part);

        assertThat(settings)
                .containsEntry("server.address", "127.0.0.1")
                .containsEntry("server.port", Integer.toString(9000 + part.ordinal()));
        assertThat(settings.get("server.tomcat.basedir")).startsWith(folder.toString());
    }

    @Test
    void theServicesShareADatabaseAndNoSchema() {
        assertThat(urls(Part.REGISTRY, Part.AGGREGATION, Part.ORCHESTRATOR))
                .containsExactly(
                        "jdbc:postgresql://h/d?currentSchema=registry",
                        "jdbc:postgresql://h/d?currentSchema=aggregation",
                        "jdbc:postgresql://h/d?currentSchema=orchestrator");
    }

    @Test
    void agentsHaveNoDatabaseAndOnlyTheirOwnTexts() {
        assertThat(plan().settings(Part.AGENTS))
                .doesNotContainKey("spring.datasource.url")
                .containsEntry("espalier.agents[0].name", "ada")
                .containsEntry("espalier.agents[0].data[0].path", "/texts/ada.jsonl")
                .containsEntry("espalier.agents[1].name", "eve")
                .containsEntry("espalier.agents[1].data[0].held-out.share", "1");
    }

    @Test
    void whatIsSaidForOnePartOutranksThePlan() {
        FederationPlan plan =
                new FederationPlan(
                        new HomeFolder(folder),
                        database(),
                        ports(),
                        List.of(),
                        Map.of(Part.REGISTRY, Map.of("server.port", "1")));

        assertThat(plan.settings(Part.REGISTRY)).containsEntry("server.port", "1");
        assertThat(plan.settings(Part.AGGREGATION)).containsEntry("server.port", "9001");
    }

    @Test
    void anAgentTellsTheMeansThatItWasGivenAndNoOthers() {
        AgentPlan ada = agent("ada", AgentPlan.Work.TRAIN);
        FederationPlan plan =
                new FederationPlan(
                        new HomeFolder(folder),
                        database(),
                        ports(),
                        List.of(
                                ada.with(AgentPlan.Means.uplink(125_000)),
                                ada.with(new AgentPlan.Means(1L << 30, null)),
                                ada),
                        Map.of());

        assertThat(plan.settings(Part.AGENTS))
                .containsEntry("espalier.agents[0].uplink", "125000B")
                .doesNotContainKey("espalier.agents[0].memory")
                .containsEntry("espalier.agents[1].memory", "1073741824B")
                .doesNotContainKeys(
                        "espalier.agents[1].uplink",
                        "espalier.agents[2].memory",
                        "espalier.agents[2].uplink");
    }

    @Test
    void aTakenPortIsLeftToWhoeverHasIt() throws IOException {
        try (ServerSocket taken =
                new ServerSocket(Part.REGISTRY.usualPort(), 1, InetAddress.getLoopbackAddress())) {
            assertThat(Ports.usual().port(Part.REGISTRY)).isNotEqualTo(taken.getLocalPort());
        } catch (java.net.BindException somebodyElseHasIt) {
            assertThat(Ports.usual().port(Part.REGISTRY)).isNotEqualTo(Part.REGISTRY.usualPort());
        }
    }

    @Test
    void freePortsAreAllDifferent() throws IOException {
        assertThat(new HashSet<>(Ports.free().of().values())).hasSize(Part.values().length);
    }

    @Test
    void aHomeHasOneProcessAtATime() throws IOException {
        HomeFolder home = new HomeFolder(folder);
        try (HomeFolder.Lock _ = home.lock()) {
            assertThatThrownBy(home::lock)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("in use");
        }

        home.lock().close();
    }

    private List<String> urls(Part... parts) {
        return List.of(parts).stream()
                .map(part -> plan().settings(part).get("spring.datasource.url"))
                .toList();
    }

    private FederationPlan plan() {
        return new FederationPlan(
                new HomeFolder(folder),
                database(),
                ports(),
                List.of(agent("ada", AgentPlan.Work.TRAIN), agent("eve", AgentPlan.Work.EVALUATE)),
                Map.of());
    }

    private static AgentPlan agent(String name, AgentPlan.Work work) {
        return new AgentPlan(
                new AgentName(name),
                work,
                new DataName("mail"),
                Path.of("/texts", name + ".jsonl"));
    }

    private static Database database() {
        return new Database("jdbc:postgresql://h/d", "u", "p");
    }

    private static Ports ports() {
        Map<Part, Integer> ports = new EnumMap<>(Part.class);
        for (Part part : Part.values()) {
            ports.put(part, 9000 + part.ordinal());
        }
        return new Ports(ports);
    }
}
