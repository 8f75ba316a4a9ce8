package dev.espalier.aggregation.session;

import dev.espalier.aggregation.combine.KeptHeads;
import jakarta.persistence.AttributeConverter;
import jakarta.persistence.Converter;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** Kept heads as JSON in a column. */
@Converter
class KeptHeadsColumn implements AttributeConverter<KeptHeads, String> {

    @Override
    public @Nullable String convertToDatabaseColumn(@Nullable KeptHeads heads) {
        return heads == null ? null : JsonMapper.shared().writeValueAsString(heads);
    }

    @Override
    public @Nullable KeptHeads convertToEntityAttribute(@Nullable String json) {
        return json == null ? null : JsonMapper.shared().readValue(json, KeptHeads.class);
    }
}
