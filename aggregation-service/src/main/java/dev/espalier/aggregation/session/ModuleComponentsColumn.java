package dev.espalier.aggregation.session;

import dev.espalier.protocol.update.RoundSessionView.ModuleComponents;
import jakarta.persistence.AttributeConverter;
import jakarta.persistence.Converter;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** What became of the components of all modules, as JSON in a column. */
@Converter
class ModuleComponentsColumn implements AttributeConverter<List<ModuleComponents>, String> {

    @Override
    public @Nullable String convertToDatabaseColumn(@Nullable List<ModuleComponents> modules) {
        return modules == null ? null : JsonMapper.shared().writeValueAsString(modules);
    }

    @Override
    public @Nullable List<ModuleComponents> convertToEntityAttribute(@Nullable String json) {
        return json == null
                ? null
                : JsonMapper.shared()
                        .readValue(json, new TypeReference<List<ModuleComponents>>() {});
    }
}
