package dev.espalier.orchestrator.neighbour;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.protocol.ModelPointer;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.web.client.RestClient;
import tools.jackson.databind.json.JsonMapper;

class HttpNeighboursIT extends NeighbourContract {

    private NeighbourServer server;

    @BeforeEach
    void start() throws IOException {
        server = new NeighbourServer(registryInside, aggregationInside);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Override
    Registry registry() {
        return registryAt(server.url());
    }

    @Override
    Aggregation aggregation() {
        return new NeighbourConfiguration()
                .aggregation(
                        new AggregationProperties(server.url()),
                        timeouts(),
                        RestClient.builder(),
                        JsonMapper.shared());
    }

    @Test
    void aServerThatIsGoneIsUnavailable() {
        URI url = server.url();
        server.close();

        assertThatThrownBy(() -> registryAt(url).find(ModelPointer.parse("spam-filter")))
                .isInstanceOf(NeighbourUnavailable.class)
                .hasMessageContaining(
                        "the model registry does not answer at " + url + " (ConnectException");
    }

    @Test
    void anAnswerThatIsNotOursIsNoRefusal() {
        URI elsewhere = server.url().resolve("/api/v1/elsewhere");

        assertThatThrownBy(() -> registryAt(elsewhere).find(ModelPointer.parse("spam-filter")))
                .isInstanceOf(NeighbourUnavailable.class)
                .hasMessage("the model registry answers with status 404");
    }

    private static Registry registryAt(URI url) {
        return new NeighbourConfiguration()
                .registry(
                        new RegistryProperties(url),
                        timeouts(),
                        RestClient.builder(),
                        JsonMapper.shared());
    }

    private static NeighbourProperties timeouts() {
        return new NeighbourProperties(Duration.ofSeconds(2), Duration.ofSeconds(10));
    }
}
