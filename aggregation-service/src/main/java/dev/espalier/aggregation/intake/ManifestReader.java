package dev.espalier.aggregation.intake;

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

    UpdateManifest read(Map<String, String> metadata) throws UpdateRefused {
        String json = metadata.get(UpdateManifest.METADATA_KEY);
        if (json == null) {
            throw UpdateRefused.malformed(
                    "the metadata has no manifest under " + UpdateManifest.METADATA_KEY);
        }
        if (json.length() > longest) {
            throw UpdateRefused.malformed(
                    "the manifest has %d characters, at most %d are read"
                            .formatted(json.length(), longest));
        }
        UpdateManifest manifest = parse(json);
        if (manifest == null) {
            throw UpdateRefused.malformed("the manifest is null");
        }
        requireFinite("lossBefore", manifest.lossBefore());
        requireFinite("lossAfter", manifest.lossAfter());
        requireFinite("trainSeconds", manifest.trainSeconds());
        requireValid(manifest);
        return manifest;
    }

    private @Nullable UpdateManifest parse(String json) throws UpdateRefused {
        try {
            return strict.readValue(json, UpdateManifest.class);
        } catch (UnrecognizedPropertyException unknown) {
            throw UpdateRefused.malformed(
                    "the manifest has a field '%s' that does not exist"
                            .formatted(unknown.getPropertyName()));
        } catch (JacksonException e) {
            throw UpdateRefused.malformed("the manifest: " + e.getOriginalMessage());
        }
    }

    private void requireValid(UpdateManifest manifest) throws UpdateRefused {
        String violations =
                validator.validate(manifest).stream()
                        .map(ManifestReader::explain)
                        .sorted()
                        .collect(Collectors.joining("; "));
        if (!violations.isEmpty()) {
            throw UpdateRefused.malformed("the manifest: " + violations);
        }
    }

    private static String explain(ConstraintViolation<UpdateManifest> violation) {
        return violation.getPropertyPath() + " " + violation.getMessage();
    }

    private static void requireFinite(String name, @Nullable Double value) throws UpdateRefused {
        if (value != null && !Double.isFinite(value)) {
            throw UpdateRefused.malformed("the manifest: " + name + " is not a finite number");
        }
    }
}
