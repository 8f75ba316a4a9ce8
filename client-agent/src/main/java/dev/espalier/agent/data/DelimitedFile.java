package dev.espalier.agent.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.jspecify.annotations.Nullable;

/** CSV and TSV. */
final class DelimitedFile implements RowSource {

    private final Path path;
    private final DataSettings settings;
    private final char delimiter;
    private final @Nullable Character quote;
    private final CSVFormat format;

    DelimitedFile(
            Path path, DataSettings settings, char usualDelimiter, @Nullable Character quote) {
        this.path = path;
        this.settings = settings;
        this.delimiter = settings.delimiter() == null ? usualDelimiter : settings.delimiter();
        this.quote = quote;
        this.format = CSVFormat.DEFAULT.builder().setDelimiter(delimiter).setQuote(quote).get();
    }

    @Override
    public void read(Sink sink) throws IOException {
        try (TextFile file = TextFile.open(path, settings.charset())) {
            RecordLines lines = new RecordLines(file, delimiter, quote);
            Places places = settings.header() ? named(lines.next()) : numbered();
            for (RecordLines.Lines next = lines.next(); next != null; next = lines.next()) {
                if (!next.text().isEmpty()) {
                    row(next, places, sink);
                }
            }
        }
    }

    private void row(RecordLines.Lines lines, Places places, Sink sink) {
        Optional<CSVRecord> fields = lines.complete() ? parse(lines.text()) : Optional.empty();
        if (fields.isEmpty()) {
            sink.bad(lines.line(), BadRows.Fault.QUOTES_BROKEN);
        } else if (fields.get().size() <= places.last()) {
            sink.bad(lines.line(), BadRows.Fault.TOO_FEW_COLUMNS);
        } else {
            sink.row(places.row(lines.line(), fields.get()));
        }
    }

    /** Empty where the line is no record: the parser's own words would quote it. */
    private Optional<CSVRecord> parse(String text) {
        try (CSVParser parser = CSVParser.parse(text, format)) {
            List<CSVRecord> records = parser.getRecords();
            return records.size() == 1 ? Optional.of(records.getFirst()) : Optional.empty();
        } catch (IOException | UncheckedIOException | IllegalStateException broken) {
            return Optional.empty();
        }
    }

    private Places named(RecordLines.@Nullable Lines first) {
        List<String> header =
                Optional.ofNullable(first)
                        .flatMap(lines -> parse(lines.text()))
                        .map(fields -> fields.stream().map(String::strip).toList())
                        .orElse(List.of());
        return places((role, column) -> place(header, role, column));
    }

    private int place(List<String> header, String role, String column) {
        int at = header.indexOf(column);
        if (at < 0 || at != header.lastIndexOf(column)) {
            throw new DataUnusableException(
                    "Data '%s': of the %d columns that the first row of %s names, %s is '%s'."
                            .formatted(
                                    settings.name(),
                                    header.size(),
                                    path,
                                    at < 0 ? "none" : "more than one",
                                    column),
                    ("Set 'columns.%s' to the name of one column. If the file has no header, set"
                                    + " 'header: false' and number the columns from 1.")
                            .formatted(role));
        }
        return at;
    }

    private Places numbered() {
        return places(this::number);
    }

    private int number(String role, String column) {
        if (!column.matches("[1-9][0-9]{0,4}")) {
            throw new DataUnusableException(
                    "Data '%s': 'columns.%s' is '%s', but without a header columns are numbers."
                            .formatted(settings.name(), role, column),
                    "Give the number of the column, counted from 1.");
        }
        return Integer.parseInt(column) - 1;
    }

    private Places places(Finder finder) {
        DataSettings.Columns columns = settings.columns();
        return new Places(
                finder.find("text", columns.text()),
                optional(finder, "second-text", columns.secondText()),
                optional(finder, settings.answerRole(), settings.answerColumn()),
                optional(finder, "group", columns.group()));
    }

    private static @Nullable Integer optional(Finder finder, String role, @Nullable String column) {
        return column == null ? null : finder.find(role, column);
    }

    /** Finds the place of a column, from 0. */
    private interface Finder {

        int find(String role, String column);
    }

    /** Where in a record things are, from 0. */
    private record Places(
            int text,
            @Nullable Integer secondText,
            @Nullable Integer answer,
            @Nullable Integer group) {

        int last() {
            return Stream.of(text, secondText, answer, group)
                    .filter(Objects::nonNull)
                    .max(Integer::compare)
                    .orElse(text);
        }

        RawRow row(long line, CSVRecord fields) {
            return new RawRow(
                    line,
                    new PrivateText(fields.get(text)),
                    optional(fields, secondText),
                    answer == null ? PrivateText.NONE : new PrivateText(fields.get(answer)),
                    optional(fields, group));
        }

        private static @Nullable PrivateText optional(CSVRecord fields, @Nullable Integer place) {
            return place == null ? null : new PrivateText(fields.get(place));
        }
    }
}
