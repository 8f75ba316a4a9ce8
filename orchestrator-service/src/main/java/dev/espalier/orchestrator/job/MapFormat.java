package dev.espalier.orchestrator.job;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.springframework.http.MediaType;
import org.springframework.util.MimeTypeUtils;

/** In what forms head maps and component maps can be had. */
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

    /** By its name in a URL, for example {@code svg}. */
    static Optional<MapFormat> named(String name) {
        return Arrays.stream(values())
                .filter(format -> format.name().toLowerCase(Locale.ROOT).equals(name))
                .findFirst();
    }

    /** The first that fits what somebody accepts; JSON where nothing is said. */
    static MapFormat accepted(List<MediaType> accept) {
        List<MediaType> sorted = new ArrayList<>(accept);
        MimeTypeUtils.sortBySpecificity(sorted);
        for (MediaType wanted : sorted) {
            for (MapFormat format : values()) {
                if (wanted.includes(format.type)) {
                    return format;
                }
            }
        }
        return JSON;
    }
}
