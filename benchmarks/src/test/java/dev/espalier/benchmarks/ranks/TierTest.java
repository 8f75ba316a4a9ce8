package dev.espalier.benchmarks.ranks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.benchmarks.experiment.Holding;
import dev.espalier.local.federation.AgentPlan;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.DataName;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TierTest {

    @Test
    void threeAreWeakThreeMiddlingFourStrong() {
        assertThat(
                        Tier.dealt(holdings(10)).stream()
                                .map(holding -> holding.agent().means().uplinkBytesPerSecond())
                                .filter(uplink -> uplink != null)
                                .collect(
                                        Collectors.groupingBy(
                                                uplink -> uplink, Collectors.counting())))
                .containsEntry(Tier.WEAK.uplink(), 3L)
                .containsEntry(Tier.MIDDLING.uplink(), 3L)
                .containsEntry(Tier.STRONG.uplink(), 4L)
                .hasSize(3);
    }

    @Test
    void whoEvaluatesIsLeftAsItIs() {
        List<Holding> holdings = holdings(10);

        assertThat(Tier.dealt(holdings).getLast()).isEqualTo(holdings.getLast());
    }

    @Test
    void theUsualTiersUploadWhatTheMethodIsSaidToSave() {
        TierSet tiers = TierSet.USUAL;

        assertThat((3 * tiers.weak() + 3 * tiers.middling() + 4 * tiers.strong()) / 80.0)
                .isEqualTo(0.5125);
    }

    @ParameterizedTest
    @ValueSource(ints = {9, 11})
    void tiersAreForTenClients(int clients) {
        assertThatThrownBy(() -> Tier.dealt(holdings(clients)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(clients + " clients");
    }

    /** So many clients, and one that evaluates. */
    private static List<Holding> holdings(int clients) {
        List<Holding> holdings =
                IntStream.range(0, clients)
                        .mapToObj(i -> holding("reader-" + i, AgentPlan.Work.TRAIN))
                        .collect(Collectors.toCollection(ArrayList::new));
        holdings.add(holding("desk", AgentPlan.Work.EVALUATE));
        return holdings;
    }

    private static Holding holding(String name, AgentPlan.Work work) {
        return new Holding(
                new AgentPlan(new AgentName(name), work, new DataName("posts"), Path.of(name)), 5);
    }
}
