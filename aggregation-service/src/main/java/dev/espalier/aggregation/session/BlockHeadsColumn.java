package dev.espalier.aggregation.session;

import dev.espalier.protocol.update.RoundSessionView.BlockHeads;
import jakarta.persistence.AttributeConverter;
import jakarta.persistence.Converter;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** What became of the heads of all blocks, as JSON in a column. */
@Converter
class BlockHeadsColumn implements AttributeConverter<List<BlockHeads>, String> {

    @Override
    public @Nullable String convertToDatabaseColumn(@Nullable List<BlockHeads> blocks) {
        return blocks == null ? null : JsonMapper.shared().writeValueAsString(blocks);
    }

    @Override
    public @Nullable List<BlockHeads> convertToEntityAttribute(@Nullable String json) {
        return json == null
                ? null
                : JsonMapper.shared().readValue(json, new TypeReference<List<BlockHeads>>() {});
    }
}
