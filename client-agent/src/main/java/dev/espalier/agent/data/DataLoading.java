package dev.espalier.agent.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads one data set as its settings say, or says what is wrong with it. */
final class DataLoading {

    private static final Logger log = LoggerFactory.getLogger(DataLoading.class);

    /**
     * More different labels than that, unmapped, are a wrong column: they would leave the house.
     */
    private static final int MOST_UNMAPPED_LABELS = 64;

    private final DataSettings settings;
    private final Meaning.Reader answers;

    private DataLoading(DataSettings settings) {
        this.settings = settings;
        this.answers =
                switch (settings.task()) {
                    case SEQUENCE_CLASSIFICATION -> new LabelMap(settings.labels());
                    case TEXT_TO_TEXT -> Meaning::target;
                    case CAUSAL_LANGUAGE_MODELLING -> Meaning::itself;
                };
    }

    /**
     * @throws DataUnusableException if the agent should not start with it
     */
    static PrivateData load(DataSettings settings) {
        return new DataLoading(settings).load();
    }

    private PrivateData load() {
        DataSettings.HeldOut rule = settings.heldOut();
        HeldOutDraw draw = new HeldOutDraw(rule.share(), rule.seed());
        RowIntake rows = read(settings.path(), draw::isHeldOut);
        List<Row> heldOut = rows.heldOut();
        Set<String> names = new TreeSet<>(rows.seen());
        if (rule.path() != null) {
            RowIntake others = read(rule.path(), all -> true);
            heldOut = others.heldOut();
            names.addAll(others.seen());
        }
        requireLabels(names, rows.kept());
        return new PrivateData(settings, List.copyOf(names), rows.training(), heldOut);
    }

    private RowIntake read(Path path, Predicate<RawRow> heldOutRule) {
        RowIntake rows = new RowIntake(answers, heldOutRule);
        if (!Files.exists(path)) {
            throw refused(
                    "there is no file or folder " + path + ".",
                    "Set 'path' to where the data lies; a relative path begins in the folder the"
                            + " agent was started in.");
        }
        try {
            RowSource.of(settings, path).read(rows);
        } catch (IOException unreadable) {
            throw refused(
                    "%s cannot be read to its end (%s)."
                            .formatted(path, unreadable.getClass().getSimpleName()),
                    "Check that it is complete, that the agent may read it and, if it ends in .gz,"
                            + " that it is packed.");
        }
        report(rows);
        requireEnough(path, rows);
        return rows;
    }

    private void report(RowIntake rows) {
        if (rows.badRows().count() > 0) {
            log.warn("data read name={} rows={} {}", settings.name(), rows.kept(), rows.badRows());
        } else {
            log.info(
                    "data read name={} rows={} leftOut={}",
                    settings.name(),
                    rows.kept(),
                    rows.leftOut());
        }
    }

    private void requireEnough(Path path, RowIntake rows) {
        long bad = rows.badRows().count();
        long all = bad + rows.kept() + rows.leftOut();
        if (bad > settings.maxBadRows() * all) {
            throw refused(
                    "of %d rows in %s, %s.".formatted(all, path, rows.badRows()),
                    "Check format, columns, charset and label map, or allow more with"
                            + " 'max-bad-rows' (now %s).".formatted(settings.maxBadRows()));
        }
        if (rows.kept() == 0) {
            throw refused("%s has no row to work with.".formatted(path), "Set 'path' to another.");
        }
    }

    private void requireLabels(Set<String> names, long rows) {
        if (!settings.labels().isEmpty()) {
            return;
        }
        boolean looksLikeText = names.size() > MOST_UNMAPPED_LABELS;
        boolean allDifferent = rows >= 10 && names.size() * 2L > rows;
        if (looksLikeText || allDifferent) {
            throw refused(
                    "the label column holds %d different values in %d rows; labels are told to the"
                                    .formatted(names.size(), rows)
                            + " orchestrator, so this may be the"
                            + " wrong column.",
                    "Set 'columns.label', or name every label in the map 'labels'.");
        }
    }

    private DataUnusableException refused(String what, String action) {
        return new DataUnusableException("Data '%s': %s".formatted(settings.name(), what), action);
    }
}
