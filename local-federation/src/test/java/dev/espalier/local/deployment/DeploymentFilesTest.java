package dev.espalier.local.deployment;

import static dev.espalier.local.deployment.DeploymentFiles.at;
import static dev.espalier.local.deployment.DeploymentFiles.list;
import static dev.espalier.local.deployment.DeploymentFiles.map;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import io.kubernetes.client.openapi.models.V1ConfigMap;
import io.kubernetes.client.openapi.models.V1Deployment;
import io.kubernetes.client.openapi.models.V1Namespace;
import io.kubernetes.client.openapi.models.V1NetworkPolicy;
import io.kubernetes.client.openapi.models.V1PersistentVolumeClaim;
import io.kubernetes.client.openapi.models.V1Service;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Holds images, ports, settings and probes of the deployment files against the code. */
class DeploymentFilesTest {

    private static final String LIVENESS = "/actuator/health/liveness";
    private static final String READINESS = "/actuator/health/readiness";

    // ---- compose

    @ParameterizedTest(name = "{0}")
    @MethodSource("composeServices")
    void aComposeServiceIsBuiltFromAModuleOfOurs(String name, Map<String, Object> service) {
        String module = (String) at(service, "build", "args", "MODULE");

        assertThat(DeploymentFiles.ROOT.resolve(module).resolve("pom.xml")).exists();
        assertThat(service)
                .containsEntry("image", "espalier/" + module + ":" + DeploymentFiles.version());
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("composeServices")
    void whatComposeSetsCanBeSet(String name, Map<String, Object> service) {
        assertThat(Settings.unknown(map(service, "environment"))).isEmpty();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("composeServices")
    void composeAsksForReadinessWhereTheServiceListens(String name, Map<String, Object> service) {
        int port = Settings.port((String) at(service, "build", "args", "MODULE"));

        assertThat(list(service, "healthcheck", "test").toString())
                .contains("/" + port + " ")
                .contains(READINESS);
        for (Object mapping : list(service, "ports")) {
            assertThat((String) mapping).isEqualTo("127.0.0.1:" + port + ":" + port);
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("composeServices")
    void composeNamesNeighboursByTheirNameAndPort(String name, Map<String, Object> service) {
        Map<String, Object> services = map(DeploymentFiles.compose(), "services");

        urls(map(service, "environment"))
                .forEach((variable, url) -> {
                    Object neighbour = services.get(url.getHost());
                    assertThat(neighbour).as(variable).isNotNull();
                    assertThat(url.getPort())
                            .as(variable)
                            .isEqualTo(
                                    Settings.port(
                                            (String) at(neighbour, "build", "args", "MODULE")));
                });
    }

    // ---- Kubernetes

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("manifests")
    void kubernetesKnowsEveryFieldOfAManifest(
            String kind, String name, Map<String, Object> manifest) throws IOException {
        Gson gson = new Gson();
        JsonElement json = gson.toJsonTree(manifest);

        switch (kind) {
            case "Deployment" -> V1Deployment.validateJsonElement(json);
            case "Service" -> V1Service.validateJsonElement(json);
            case "ConfigMap" -> V1ConfigMap.validateJsonElement(json);
            case "PersistentVolumeClaim" -> V1PersistentVolumeClaim.validateJsonElement(json);
            case "NetworkPolicy" -> V1NetworkPolicy.validateJsonElement(json);
            case "Namespace" -> V1Namespace.validateJsonElement(json);
            default -> throw new AssertionError("nobody checks a " + kind);
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("deployments")
    void aDeploymentRunsOurImageOnTheServicesPort(String name, Map<String, Object> deployment) {
        Map<String, Object> container = container(deployment);

        assertThat(container)
                .containsEntry("image", "espalier/" + name + ":" + DeploymentFiles.version());
        assertThat(at(container, "ports", 0, "containerPort")).isEqualTo(Settings.port(name));
        assertThat(at(container, "ports", 0, "name")).isEqualTo("http");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("deployments")
    void probesAskWhatTheServiceAnswers(String name, Map<String, Object> deployment) {
        Map<String, Object> container = container(deployment);

        assertThat(at(container, "startupProbe", "httpGet", "path")).isEqualTo(LIVENESS);
        assertThat(at(container, "livenessProbe", "httpGet", "path")).isEqualTo(LIVENESS);
        assertThat(at(container, "readinessProbe", "httpGet", "path")).isEqualTo(READINESS);
        assertThat(Settings.of(name, "management.endpoint.health.probes.enabled")).isEqualTo(true);
        assertThat(String.valueOf(Settings.of(name, "management.endpoints.web.exposure.include")))
                .contains("health");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("deployments")
    void nobodyRunsAsRootOrWithoutBounds(String name, Map<String, Object> deployment) {
        Map<String, Object> pod = map(deployment, "spec", "template", "spec");
        int user = (int) at(pod, "securityContext", "runAsUser");

        assertThat(at(pod, "securityContext", "runAsNonRoot")).isEqualTo(true);
        assertThat(DeploymentFiles.text("Dockerfile")).contains("\nUSER " + user + "\n");
        assertThat(at(container(deployment), "securityContext", "readOnlyRootFilesystem"))
                .isEqualTo(true);
        assertThat(at(container(deployment), "securityContext", "allowPrivilegeEscalation"))
                .isEqualTo(false);
        assertThat(map(container(deployment), "resources", "requests"))
                .containsKeys("cpu", "memory");
        assertThat(map(container(deployment), "resources", "limits")).containsKey("memory");
        assertThat(list(container(deployment), "volumeMounts").toString())
                .contains(volumeOfTheImage())
                .contains("/tmp");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("deployments")
    void whatADeploymentSetsCanBeSetAndSecretsComeByReference(
            String name, Map<String, Object> deployment) {
        Map<String, Object> environment = new HashMap<>();
        for (Object variable : list(container(deployment), "env")) {
            environment.put((String) at(variable, "name"), variable);
            assertThat(at(variable, "valueFrom", "secretKeyRef", "key")).isNotNull();
        }

        assertThat(Settings.unknown(environment)).isEmpty();
        assertThat(configMaps())
                .containsKey(
                        (String) at(container(deployment), "envFrom", 0, "configMapRef", "name"));
    }

    @Test
    void whatAConfigMapSetsCanBeSetAndIsNoSecret() {
        configMaps()
                .forEach((name, data) -> {
                    assertThat(Settings.unknown(data)).as(name).isEmpty();
                    assertThat(data.keySet())
                            .as(name)
                            .noneMatch(key -> key.matches(".*(PASSWORD|TOKEN|SECRET).*"));
                });
    }

    @Test
    void aConfigMapNamesNeighboursByTheirNameAndPort() {
        configMaps()
                .forEach((name, data) ->
                        urls(data)
                                .forEach((variable, url) ->
                                        assertThat(url.getPort())
                                                .as(variable)
                                                .isEqualTo(Settings.port(url.getHost()))));
    }

    @Test
    void aServiceLeadsToThePortOfItsDeployment() {
        for (Map<String, Object> service : DeploymentFiles.manifests("Service")) {
            String name = (String) at(service, "metadata", "name");

            assertThat(at(service, "spec", "selector", "app.kubernetes.io/name")).isEqualTo(name);
            assertThat(at(service, "spec", "ports", 0, "port")).isEqualTo(Settings.port(name));
            assertThat(at(service, "spec", "ports", 0, "targetPort")).isEqualTo("http");
        }
    }

    @Test
    void everyPartOfAKustomizationIsThere() {
        for (Path file : DeploymentFiles.kustomizations()) {
            for (Object resource : list(DeploymentFiles.one(file), "resources")) {
                assertThat(file.resolveSibling((String) resource).normalize()).exists();
            }
        }
    }

    // ---- Dockerfile

    @Test
    void theImageTakesTheJarThatTheBuildMakes() {
        assertThat(DeploymentFiles.text("Dockerfile"))
                .contains("COPY ${MODULE}/target/${MODULE}-*-exec.jar");
        for (String module : modules()) {
            assertThat(DeploymentFiles.text(module + "/pom.xml"))
                    .contains("<classifier>exec</classifier>");
        }
    }

    @Test
    void everyProcessHasAllItsDeploymentFiles() {
        Set<String> composed = new HashSet<>();
        composeServices()
                .forEach(arguments ->
                        composed.add((String) at(arguments.get()[1], "build", "args", "MODULE")));

        assertThat(composed).containsExactlyInAnyOrderElementsOf(modules());
        assertThat(deployments().map(arguments -> arguments.get()[0]))
                .containsExactlyInAnyOrderElementsOf(modules());
    }

    private static List<String> modules() {
        return List.of(
                        "model-registry",
                        "aggregation-service",
                        "orchestrator-service",
                        "client-agent")
                .stream()
                .filter(module -> Files.exists(DeploymentFiles.ROOT.resolve(module)))
                .toList();
    }

    private static String volumeOfTheImage() {
        return DeploymentFiles.text("Dockerfile")
                .lines()
                .filter(line -> line.startsWith("VOLUME "))
                .map(line -> line.substring("VOLUME ".length()))
                .findFirst()
                .orElseThrow();
    }

    private static Map<String, URI> urls(Map<String, Object> environment) {
        Map<String, URI> urls = new TreeMap<>();
        environment.forEach((name, value) -> {
            if (String.valueOf(value).startsWith("http")) {
                urls.put(name, URI.create((String) value));
            }
        });
        return urls;
    }

    private static Map<String, Map<String, Object>> configMaps() {
        Map<String, Map<String, Object>> data = new TreeMap<>();
        for (Map<String, Object> configMap : DeploymentFiles.manifests("ConfigMap")) {
            data.put((String) at(configMap, "metadata", "name"), map(configMap, "data"));
        }
        return data;
    }

    private static Map<String, Object> container(Map<String, Object> deployment) {
        return map(deployment, "spec", "template", "spec", "containers", 0);
    }

    static Stream<Arguments> composeServices() {
        return map(DeploymentFiles.compose(), "services").entrySet().stream()
                .filter(service -> at(service.getValue(), "build") != null)
                .map(service -> Arguments.of(service.getKey(), service.getValue()));
    }

    static Stream<Arguments> manifests() {
        return DeploymentFiles.manifests().stream()
                .map(manifest ->
                        Arguments.of(
                                manifest.get("kind"), at(manifest, "metadata", "name"), manifest));
    }

    static Stream<Arguments> deployments() {
        return DeploymentFiles.manifests("Deployment").stream()
                .map(manifest -> Arguments.of(at(manifest, "metadata", "name"), manifest));
    }
}
