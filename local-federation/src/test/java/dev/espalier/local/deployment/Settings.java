package dev.espalier.local.deployment;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.env.PropertySource;
import org.springframework.core.io.ClassPathResource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What the code says can be set: the metadata of every property on the class path, and each
 * service's own settings.
 */
final class Settings {

    /** What the operating system and the JVM read, not Spring. */
    private static final Set<String> NOT_SPRING =
            Set.of("HOME", "DJL_CACHE_DIR", "OMP_WAIT_POLICY", "JAVA_TOOL_OPTIONS");

    private final Set<String> properties = new HashSet<>();
    private final Set<String> collections = new HashSet<>();

    static Settings known() {
        Settings settings = new Settings();
        try {
            List<URL> files =
                    Collections.list(
                            Settings.class
                                    .getClassLoader()
                                    .getResources("META-INF/spring-configuration-metadata.json"));
            for (URL file : files) {
                try (InputStream in = file.openStream()) {
                    settings.read(JsonMapper.shared().readTree(in));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return settings;
    }

    /** Whether Spring would bind an environment variable of that name to anything. */
    boolean knows(String environmentName) {
        String relaxed = environmentName.toLowerCase(Locale.ROOT).replace("_", "");
        return NOT_SPRING.contains(environmentName)
                || properties.contains(relaxed)
                || collections.stream().anyMatch(name -> relaxed.matches(name + "\\d+.*"));
    }

    /** A value of a service's own settings file. */
    static Object of(String service, String property) {
        try {
            for (PropertySource<?> source :
                    new YamlPropertySourceLoader()
                            .load(service, new ClassPathResource(service + ".yaml"))) {
                if (source.getProperty(property) != null) {
                    return source.getProperty(property);
                }
            }
            return null;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static int port(String service) {
        return Integer.parseInt(String.valueOf(of(service, "server.port")));
    }

    private void read(JsonNode metadata) {
        for (JsonNode property : metadata.path("properties")) {
            String name =
                    property.path("name")
                            .asString()
                            .replaceAll("[.-]", "")
                            .toLowerCase(Locale.ROOT);
            properties.add(name);
            if (property.path("type").asString().startsWith("java.util.List")) {
                collections.add(name);
            }
        }
    }

    static Set<String> unknown(Map<String, Object> environment) {
        Settings known = known();
        Set<String> unknown = new HashSet<>(environment.keySet());
        unknown.removeIf(known::knows);
        return unknown;
    }
}
