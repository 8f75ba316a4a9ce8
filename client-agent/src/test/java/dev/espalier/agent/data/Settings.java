package dev.espalier.agent.data;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

/** Settings as an owner writes them: all tests go through the names in the settings file. */
final class Settings {

    private Settings() {}

    /**
     * @param more names and values in turn
     */
    static DataSettings of(Path path, String... more) {
        Map<String, String> properties = new HashMap<>();
        properties.put("data.name", "mail");
        properties.put("data.path", path.toString());
        for (int i = 0; i < more.length; i += 2) {
            properties.put("data." + more[i], more[i + 1]);
        }
        return new Binder(new MapConfigurationPropertySource(properties))
                .bind("data", Bindable.of(DataSettings.class))
                .get();
    }
}
