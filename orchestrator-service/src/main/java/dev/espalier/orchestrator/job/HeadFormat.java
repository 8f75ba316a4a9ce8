package dev.espalier.orchestrator.job;

import java.util.ArrayList;
import java.util.List;
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
