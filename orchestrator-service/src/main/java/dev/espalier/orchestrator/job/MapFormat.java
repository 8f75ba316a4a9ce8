package dev.espalier.orchestrator.job;

import dev.espalier.problem.ProblemException;
import dev.espalier.protocol.problem.Problem;
import dev.espalier.protocol.problem.ProblemType;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.util.MimeTypeUtils;

/** In what forms maps of heads, of components and of sparsity can be had. */
enum MapFormat {
    JSON(MapFormat.JSON_TYPE),
    CSV(MapFormat.CSV_TYPE),
    SVG(MapFormat.SVG_TYPE);

    static final String JSON_TYPE = "application/json";
    static final String CSV_TYPE = "text/csv";
    static final String SVG_TYPE = "image/svg+xml";

    private final MediaType type;

    MapFormat(String type) {
        this.type = MediaType.parseMediaType(type);
    }

    MediaType type() {
        return type;
    }

    /** A map in a form that is text. */
    ResponseEntity<Object> answer(String text) {
        return ResponseEntity.ok().contentType(type).body(text.getBytes(StandardCharsets.UTF_8));
    }

    /** A map as JSON. */
    static ResponseEntity<Object> json(Object map) {
        return ResponseEntity.ok().contentType(JSON.type).body(map);
    }

    /**
     * What somebody wants: by its name in a URL, for example {@code svg}, or else by what is
     * accepted.
     *
     * @param offered of a map
     */
    static MapFormat wanted(@Nullable String name, HttpHeaders headers, Set<MapFormat> offered) {
        return name == null ? accepted(headers.getAccept(), offered) : named(name, offered);
    }

    private static MapFormat named(String name, Set<MapFormat> offered) {
        return offered.stream()
                .filter(format -> format.inUrl().equals(name))
                .findFirst()
                .orElseThrow(() -> {
                    String names =
                            offered.stream()
                                    .map(MapFormat::inUrl)
                                    .collect(Collectors.joining(", "));
                    String reason = "must be one of " + names;
                    return new ProblemException(
                            ProblemType.INVALID_VALUE,
                            "format: " + reason,
                            List.of(new Problem.Field("format", reason)));
                });
    }

    private String inUrl() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The first that fits what somebody accepts; JSON where nothing is said. */
    private static MapFormat accepted(List<MediaType> accept, Set<MapFormat> offered) {
        List<MediaType> sorted = new ArrayList<>(accept);
        MimeTypeUtils.sortBySpecificity(sorted);
        for (MediaType wanted : sorted) {
            for (MapFormat format : offered) {
                if (wanted.includes(format.type)) {
                    return format;
                }
            }
        }
        return JSON;
    }
}
