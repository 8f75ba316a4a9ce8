package dev.espalier.local.deployment;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** The deployment files of the project as trees of maps and lists. */
final class DeploymentFiles {

    static final Path ROOT = root();

    private DeploymentFiles() {}

    static Map<String, Object> compose() {
        return one(ROOT.resolve("docker-compose.yml"));
    }

    /** Every object in every manifest, kustomizations left out. */
    static List<Map<String, Object>> manifests() {
        List<Map<String, Object>> all = new ArrayList<>();
        for (Path file : yamlFiles(ROOT.resolve("k8s"))) {
            if (!file.endsWith("kustomization.yaml")) {
                all.addAll(documents(file));
            }
        }
        return all;
    }

    static List<Map<String, Object>> manifests(String kind) {
        return manifests().stream().filter(manifest -> manifest.get("kind").equals(kind)).toList();
    }

    static List<Path> kustomizations() {
        return yamlFiles(ROOT.resolve("k8s")).stream()
                .filter(file -> file.endsWith("kustomization.yaml"))
                .toList();
    }

    static Map<String, Object> one(Path file) {
        return documents(file).getFirst();
    }

    static String text(String file) {
        try {
            return Files.readString(ROOT.resolve(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The version that images carry: the project's, without SNAPSHOT. */
    static String version() {
        Matcher matcher =
                Pattern.compile(
                                "<artifactId>espalier</artifactId>\\s*<version>([0-9.]+)(-SNAPSHOT)?</version>")
                        .matcher(text("pom.xml"));
        if (!matcher.find()) {
            throw new AssertionError("the parent pom has no version");
        }
        return matcher.group(1);
    }

    /** Walks down maps by key and lists by index; null where there is nothing. */
    static Object at(Object tree, Object... path) {
        Object here = tree;
        for (Object step : path) {
            if (here instanceof Map<?, ?> map) {
                here = map.get(step);
            } else if (here instanceof List<?> list && step instanceof Integer index) {
                here = index < list.size() ? list.get(index) : null;
            } else {
                return null;
            }
        }
        return here;
    }

    @SuppressWarnings("unchecked")
    static Map<String, Object> map(Object tree, Object... path) {
        Object found = at(tree, path);
        return found == null ? Map.of() : (Map<String, Object>) found;
    }

    @SuppressWarnings("unchecked")
    static List<Object> list(Object tree, Object... path) {
        Object found = at(tree, path);
        return found == null ? List.of() : (List<Object>) found;
    }

    @SuppressWarnings("unchecked")
    private static List<Map<String, Object>> documents(Path file) {
        List<Map<String, Object>> all = new ArrayList<>();
        try {
            new Yaml(new SafeConstructor(new LoaderOptions()))
                    .loadAll(Files.readString(file))
                    .forEach(document -> all.add((Map<String, Object>) document));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return all;
    }

    private static List<Path> yamlFiles(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith(".yaml")).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path root() {
        Path here = Path.of("").toAbsolutePath();
        while (!Files.exists(here.resolve("docker-compose.yml"))) {
            here = here.getParent();
        }
        return here;
    }
}
