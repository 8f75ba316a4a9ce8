package dev.espalier.aggregation.intake;

import dev.espalier.protocol.update.PruningManifest;
import dev.espalier.protocol.update.UpdateManifest;
import jakarta.validation.ConstraintViolation;
import jakarta.validation.Validator;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.exc.UnrecognizedPropertyException;
import tools.jackson.databind.json.JsonMapper;

/** Reads what an update says of itself, as strictly as a request. */
final class ManifestReader {

    private final JsonMapper strict;
    private final Validator validator;
    private final long longest;

    /**
     * @param longest manifest that is read at all, in characters
     */
    ManifestReader(JsonMapper mapper, Validator validator, long longest) {
        this.longest = longest;
        this.strict =
                mapper.rebuild()
                        .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                        .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                        .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
                        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                        .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
                        .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
                        .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                        .build();
        this.validator = validator;
    }

    /** Of one that trained an adapter. */
    UpdateManifest read(Map<String, String> metadata) throws UpdateRefused {
        UpdateManifest manifest = read(metadata, UpdateManifest.METADATA_KEY, UpdateManifest.class);
        requireFinite("lossBefore", manifest.lossBefore());
        requireFinite("lossAfter", manifest.lossAfter());
        requireFinite("trainSeconds", manifest.trainSeconds());
        requireValid(manifest);
        return manifest;
    }

    /** Of one that pruned a base. */
    PruningManifest readPruning(Map<String, String> metadata) throws UpdateRefused {
        PruningManifest manifest =
                read(metadata, PruningManifest.METADATA_KEY, PruningManifest.class);
        requireFinite("pruneSeconds", manifest.pruneSeconds());
        requireValid(manifest);
        return manifest;
    }

    private <T> T read(Map<String, String> metadata, String key, Class<T> type)
            throws UpdateRefused {
        String json = metadata.get(key);
        if (json == null) {
            throw UpdateRefused.malformed("the metadata has no manifest under " + key);
        }
        if (json.length() > longest) {
            throw UpdateRefused.malformed(
                    "the manifest has %d characters, at most %d are read"
                            .formatted(json.length(), longest));
        }
        T manifest = parse(json, type);
        if (manifest == null) {
            throw UpdateRefused.malformed("the manifest is null");
        }
        return manifest;
    }

    private <T> @Nullable T parse(String json, Class<T> type) throws UpdateRefused {
        try {
            return strict.readValue(json, type);
        } catch (UnrecognizedPropertyException unknown) {
            throw UpdateRefused.malformed(
                    "the manifest has a field '%s' that does not exist"
                            .formatted(unknown.getPropertyName()));
        } catch (JacksonException e) {
            throw UpdateRefused.malformed("the manifest: " + e.getOriginalMessage());
        }
    }

    private <T> void requireValid(T manifest) throws UpdateRefused {
        String violations =
                validator.validate(manifest).stream()
                        .map(ManifestReader::explain)
                        .sorted()
                        .collect(Collectors.joining("; "));
        if (!violations.isEmpty()) {
            throw UpdateRefused.malformed("the manifest: " + violations);
        }
    }

    private static String explain(ConstraintViolation<?> violation) {
        return violation.getPropertyPath() + " " + violation.getMessage();
    }

    private static void requireFinite(String name, @Nullable Double value) throws UpdateRefused {
        if (value != null && !Double.isFinite(value)) {
            throw UpdateRefused.malformed("the manifest: " + name + " is not a finite number");
        }
    }
}
