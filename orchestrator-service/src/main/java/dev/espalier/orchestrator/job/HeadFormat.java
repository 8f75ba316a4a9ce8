package dev.espalier.orchestrator.job;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.springframework.http.MediaType;
import org.springframework.util.MimeTypeUtils;

/** In what forms the head map can be had. */
enum HeadFormat {
    JSON(HeadFormat.JSON_TYPE),
    CSV(HeadFormat.CSV_TYPE),
    SVG(HeadFormat.SVG_TYPE);

    static final String JSON_TYPE = "application/json";
    static final String CSV_TYPE = "text/csv";
    static final String SVG_TYPE = "image/svg+xml";

    private final MediaType type;

    HeadFormat(String type) {
        this.type = MediaType.parseMediaType(type);
    }

    MediaType type() {
        return type;
    }

    /** By its name in a URL, for example {@code svg}. */
    static Optional<HeadFormat> named(String name) {
        return Arrays.stream(values())
                .filter(format -> format.name().toLowerCase(Locale.ROOT).equals(name))
                .findFirst();
    }

    /** The first that fits what somebody accepts; JSON where nothing is said. */
    static HeadFormat accepted(List<MediaType> accept) {
        List<MediaType> sorted = new ArrayList<>(accept);
        MimeTypeUtils.sortBySpecificity(sorted);
        for (MediaType wanted : sorted) {
            for (HeadFormat format : values()) {
                if (wanted.includes(format.type)) {
                    return format;
                }
            }
        }
        return JSON;
    }
}
