package dev.espalier.agent.data;

import dev.espalier.protocol.job.TaskKind;
import java.io.IOException;

/** Rows in some format, always in the same order. */
interface RowSource {

    /**
     * Reads all rows.
     *
     * @throws DataUnusableException where no row can be read: a missing column, say
     * @throws IOException where the file cannot be read to its end
     */
    void read(Sink sink) throws IOException;

    /** Takes what a source finds. */
    interface Sink {

        void row(RawRow row);

        /**
         * @param position line of the row, or number of its file, from 1
         */
        void bad(long position, BadRows.Fault fault);
    }

    /** The rows of a path, read as the settings say. */
    static RowSource of(DataSettings settings, java.nio.file.Path path) {
        DataFormat format =
                settings.format() != null
                        ? settings.format()
                        : DataFormat.guess(path).orElseThrow(() -> unknownFormat(settings, path));
        return switch (format) {
            case CSV -> new DelimitedFile(path, settings, ',', '"');
            case TSV -> new DelimitedFile(path, settings, '\t', null);
            case JSONL -> new JsonLinesFile(path, settings);
            case FOLDER -> folder(path, settings);
        };
    }

    /** A file is one text; there is no room for another one. */
    private static RowSource folder(java.nio.file.Path path, DataSettings settings) {
        boolean writes = settings.task() == TaskKind.TEXT_TO_TEXT;
        if (writes || settings.columns().secondText() != null) {
            throw new DataUnusableException(
                    "Data '%s': a folder of text files holds no %s."
                            .formatted(settings.name(), writes ? "texts to write" : "pairs"),
                    "Put them into one file, CSV, TSV or JSONL, and set 'path' to it.");
        }
        return new TextFolder(path, settings);
    }

    private static DataUnusableException unknownFormat(
            DataSettings settings, java.nio.file.Path path) {
        return new DataUnusableException(
                "Data '%s': the name of %s does not tell its format."
                        .formatted(settings.name(), path),
                "Set its 'format' to CSV, TSV, JSONL or FOLDER.");
    }
}
