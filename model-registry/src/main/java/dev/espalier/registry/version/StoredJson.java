package dev.espalier.registry.version;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.espalier.protocol.Digest;
import dev.espalier.protocol.model.Lineage;
import dev.espalier.protocol.model.ModelStructure;
import dev.espalier.protocol.model.PublishVersion;
import dev.espalier.protocol.model.VersionFile;
import java.util.Comparator;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * JSON that outlives this release: in the database, and as the canonical form under a request's
 * fingerprint. Absent values are left out, so a message that gains an optional field keeps the
 * fingerprints of those that lack it.
 */
final class StoredJson {

    private static final JsonMapper MAPPER =
            JsonMapper.builder()
                    .enable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
                    .disable(MapperFeature.SORT_CREATOR_PROPERTIES_FIRST)
                    .changeDefaultPropertyInclusion(
                            any -> any.withValueInclusion(JsonInclude.Include.NON_NULL))
                    .build();

    private StoredJson() {}

    static @Nullable String write(@Nullable Object value) {
        return value == null ? null : MAPPER.writeValueAsString(value);
    }

    static @Nullable Lineage lineage(@Nullable String json) {
        return json == null ? null : MAPPER.readValue(json, Lineage.class);
    }

    static @Nullable ModelStructure structure(@Nullable String json) {
        return json == null ? null : MAPPER.readValue(json, ModelStructure.class);
    }

    static String writeMetrics(Map<String, Double> metrics) {
        return MAPPER.writeValueAsString(new TreeMap<>(metrics));
    }

    static Map<String, Double> metrics(String json) {
        return MAPPER.readValue(json, new TypeReference<TreeMap<String, Double>>() {});
    }

    /** Tells requests apart by content; the order of the files is no content. */
    static Digest fingerprint(PublishVersion request) {
        PublishVersion canonical =
                new PublishVersion(
                        request.key(),
                        request.kind(),
                        request.files().stream()
                                .sorted(Comparator.comparing(VersionFile::path))
                                .toList(),
                        request.base(),
                        request.lineage(),
                        request.structure());
        return Digest.of(MAPPER.writeValueAsBytes(canonical));
    }
}
