package dev.espalier.aggregation.session;

import dev.espalier.protocol.update.RoundSessionView.OwnVersion;
import jakarta.persistence.AttributeConverter;
import jakarta.persistence.Converter;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** What each client pruned for itself, as JSON in a column. */
@Converter
class OwnVersionsColumn implements AttributeConverter<List<OwnVersion>, String> {

    @Override
    public @Nullable String convertToDatabaseColumn(@Nullable List<OwnVersion> list) {
        return list == null ? null : JsonMapper.shared().writeValueAsString(list);
    }

    @Override
    public @Nullable List<OwnVersion> convertToEntityAttribute(@Nullable String json) {
        return json == null
                ? null
                : JsonMapper.shared().readValue(json, new TypeReference<List<OwnVersion>>() {});
    }
}
