package dev.espalier.agent.model;

import dev.espalier.agent.FakePlatform;
import dev.espalier.agent.TinyFederation;
import dev.espalier.agent.neighbour.Line;
import dev.espalier.transfer.FileDownload;
import dev.espalier.transfer.Retries;
import java.io.IOException;
import java.net.http.HttpClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.springframework.web.client.RestClient;
import tools.jackson.databind.json.JsonMapper;

class HttpRegistryIT extends RegistryContract {

    private FakePlatform platform;

    @BeforeEach
    void open() throws IOException {
        platform = new FakePlatform().with(TinyFederation.base(), TinyFederation.MODEL);
    }

    @AfterEach
    void close() {
        platform.close();
    }

    @Override
    Registry registry() {
        RestClient rest = RestClient.create(platform.url().toString());
        return new HttpRegistry(
                platform.url(),
                new Line("registry", rest, JsonMapper.shared()),
                new FileDownload(HttpClient.newHttpClient(), Retries.patient(), pause -> {}));
    }
}
