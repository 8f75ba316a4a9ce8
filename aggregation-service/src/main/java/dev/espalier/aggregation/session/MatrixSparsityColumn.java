package dev.espalier.aggregation.session;

import dev.espalier.protocol.model.MatrixSparsity;
import jakarta.persistence.AttributeConverter;
import jakarta.persistence.Converter;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** How sparse each matrix became, as JSON in a column. */
@Converter
class MatrixSparsityColumn implements AttributeConverter<List<MatrixSparsity>, String> {

    @Override
    public @Nullable String convertToDatabaseColumn(@Nullable List<MatrixSparsity> list) {
        return list == null ? null : JsonMapper.shared().writeValueAsString(list);
    }

    @Override
    public @Nullable List<MatrixSparsity> convertToEntityAttribute(@Nullable String json) {
        return json == null
                ? null
                : JsonMapper.shared().readValue(json, new TypeReference<List<MatrixSparsity>>() {});
    }
}
