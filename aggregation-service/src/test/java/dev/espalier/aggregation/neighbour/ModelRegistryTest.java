package dev.espalier.aggregation.neighbour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.aggregation.FakeRegistry;
import dev.espalier.aggregation.TinyModel;
import dev.espalier.problem.ProblemException;
import dev.espalier.protocol.Digest;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.model.PublishVersion;
import dev.espalier.protocol.model.VersionFile;
import dev.espalier.protocol.model.VersionKind;
import dev.espalier.protocol.model.VersionManifest;
import dev.espalier.protocol.problem.ProblemType;
import dev.espalier.transfer.FileDownload;
import dev.espalier.transfer.FileUpload;
import dev.espalier.transfer.Retries;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.web.client.RestClient;

class ModelRegistryTest {

    @TempDir Path folder;

    private FakeRegistry fake;
    private ModelRegistry registry;
    private Instant now = Instant.parse("2030-01-01T00:00:00Z");

    @BeforeEach
    void start() throws IOException {
        fake = new FakeRegistry();
        fake.holdTinyModel(Files.createDirectories(folder.resolve("models")));
        HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        Retries once = new Retries(1, Duration.ZERO, Duration.ZERO);
        registry =
                new ModelRegistry(
                        fake.url(),
                        new RegistryCalls(
                                RestClient.builder()
                                        .baseUrl(fake.url())
                                        .requestFactory(new JdkClientHttpRequestFactory(http))
                                        .build()),
                        new FileDownload(http, once, pause -> {}),
                        new FileUpload(http, once, pause -> {}),
                        new BlobCache(folder.resolve("cache")),
                        () -> now);
    }

    @AfterEach
    void stop() {
        fake.close();
    }

    @Test
    void aFileIsFetchedOnceAndThenUsedWithoutAsking() throws IOException {
        VersionManifest base = registry.version(TinyModel.BASE);
        Path first = registry.file(base, "config.json");
        fake.unwell(true);

        assertThat(registry.version(TinyModel.BASE)).isEqualTo(base);
        assertThat(registry.file(base, "config.json"))
                .isEqualTo(first)
                .hasContent("{\"architectures\":[\"TinyModel\"],\"model_type\":\"tiny\"}");
    }

    @Test
    void aFileThatNobodyUsedForLongIsForgottenAndFetchedAgain() throws IOException {
        VersionManifest base = registry.version(TinyModel.BASE);
        Path file = registry.file(base, "config.json");
        now = now.plusSeconds(100);

        assertThat(registry.forgetUnused(Duration.ofSeconds(100))).isZero();
        assertThat(registry.forgetUnused(Duration.ofSeconds(99))).isEqualTo(1);
        assertThat(file).doesNotExist();
        assertThat(registry.file(base, "config.json")).exists();
    }

    @Test
    void publishingTwiceIsPublishingOnce() throws IOException {
        VersionManifest first = publish("round:1", "a");

        assertThat(publish("round:1", "a")).isEqualTo(first);
        assertThat(fake.publications()).isEqualTo(1);
    }

    @Test
    void otherContentUnderTheSameKeyIsRefusedForGood() throws IOException {
        publish("round:1", "a");

        assertProblem(ProblemType.CONTRADICTS_EARLIER_REQUEST, () -> publish("round:1", "b"));
    }

    @Test
    void whatIsNotThereIsAnUnknownModel() {
        assertProblem(
                ProblemType.UNKNOWN_MODEL, () -> registry.version(VersionRef.parse("nothing@1")));
    }

    @Test
    void aRegistryThatIsUnwellIsWorthTryingAgain() {
        fake.unwell(true);

        assertProblem(ProblemType.NEIGHBOUR_UNAVAILABLE, () -> registry.version(TinyModel.BASE));
        assertProblem(ProblemType.NEIGHBOUR_UNAVAILABLE, () -> publish("round:1", "a"));
    }

    @Test
    void aRegistryThatIsGoneIsWorthTryingAgain() {
        VersionManifest base = registry.version(TinyModel.BASE);
        fake.close();

        assertProblem(ProblemType.NEIGHBOUR_UNAVAILABLE, () -> registry.version(TinyModel.PARENT));
        assertProblem(ProblemType.NEIGHBOUR_UNAVAILABLE, () -> registry.file(base, "config.json"));
    }

    private VersionManifest publish(String key, String content) throws IOException {
        Path path = Files.writeString(folder.resolve("file.json"), content);
        VersionFile file =
                new VersionFile("file.json", Digest.of(Files.readAllBytes(path)), Files.size(path));
        return registry.publish(
                TinyModel.FILTER,
                new PublishVersion(
                        key, VersionKind.ADAPTER, List.of(file), TinyModel.BASE, null, null),
                Map.of(file, path));
    }

    private static void assertProblem(ProblemType type, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        ProblemException.class, e -> assertThat(e.type()).isEqualTo(type));
    }
}
