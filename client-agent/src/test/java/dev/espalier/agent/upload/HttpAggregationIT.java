package dev.espalier.agent.upload;

import dev.espalier.agent.FakePlatform;
import dev.espalier.agent.neighbour.Line;
import dev.espalier.transfer.FileUpload;
import dev.espalier.transfer.Retries;
import java.io.IOException;
import java.net.http.HttpClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.springframework.web.client.RestClient;
import tools.jackson.databind.json.JsonMapper;

class HttpAggregationIT extends AggregationContract {

    private FakePlatform platform;

    @BeforeEach
    void open() throws IOException {
        platform = new FakePlatform();
    }

    @AfterEach
    void close() {
        platform.close();
    }

    @Override
    Aggregation aggregation() {
        RestClient rest = RestClient.create(platform.url().toString());
        return new HttpAggregation(
                platform.url(),
                new Line("aggregation", rest, JsonMapper.shared()),
                new FileUpload(HttpClient.newHttpClient(), Retries.patient(), pause -> {}));
    }
}
