package dev.espalier.agent.data;

import dev.espalier.protocol.DataName;
import dev.espalier.protocol.job.TaskKind;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What an agent's owner says about one data set. The servers learn its name, task, labels and
 * numbers of rows, nothing else.
 *
 * @param name by which jobs ask for it
 * @param path a file, or a folder of text files
 * @param format absent: what the name of the file says
 * @param task what its rows can teach
 * @param header whether the first row of CSV or TSV names the columns
 * @param columns which column holds what
 * @param delimiter between the fields of a row, where it is not the usual one of the format
 * @param charset of the text
 * @param pattern for folders: matched against each file's path within the folder, where a group
 *     named {@code label} finds the label, and one named {@code group} texts that belong together;
 *     default: the first folder is the label, and where rows are texts alone every file is a row
 * @param labels from the label in the file to the label jobs use; a label mapped to nothing leaves
 *     its rows out. Absent: labels are used as they are
 * @param heldOut rows that are kept from training, for evaluation
 * @param maxBadRows share of unreadable rows above which the agent refuses to start
 */
public record DataSettings(
        DataName name,
        Path path,
        @Nullable DataFormat format,
        @DefaultValue("SEQUENCE_CLASSIFICATION") TaskKind task,
        @DefaultValue("true") boolean header,
        @DefaultValue Columns columns,
        @Nullable Character delimiter,
        @DefaultValue("UTF-8") Charset charset,
        Pattern pattern,
        @DefaultValue Map<String, String> labels,
        @DefaultValue HeldOut heldOut,
        @DefaultValue("0.05") double maxBadRows) {

    private static final Pattern FIRST_FOLDER = Pattern.compile("(?<label>[^/]+)/.+");
    private static final Pattern EVERY_FILE = Pattern.compile(".+");

    public DataSettings {
        labels = Map.copyOf(labels);
        boolean alone = task == TaskKind.CAUSAL_LANGUAGE_MODELLING;
        if (pattern == null) {
            pattern = alone ? EVERY_FILE : FIRST_FOLDER;
        }
        require(name != null, "espalier.agents[].data[].name", "is missing");
        require(path != null, "espalier.agents[].data[].path", "is missing");
        require(
                maxBadRows >= 0 && maxBadRows <= 1,
                "espalier.agents[].data[].max-bad-rows",
                "must be in [0, 1]");
        require(
                alone || pattern.namedGroups().containsKey("label"),
                "espalier.agents[].data[].pattern",
                "must have a group named label: (?<label>...)");
        require(
                !alone || labels.isEmpty(),
                "espalier.agents[].data[].labels",
                "must be empty for " + task + ", which tells no classes apart");
        require(
                !alone || columns.secondText() == null,
                "espalier.agents[].data[].columns.second-text",
                "cannot be set for " + task + ", which reads no pairs");
    }

    /**
     * Names from the header or the JSON object; without a header, numbers from 1.
     *
     * @param text the text to classify or to read
     * @param secondText the second of a pair of texts, a hypothesis after a premise say; absent:
     *     single texts
     * @param label where texts are classified
     * @param target where text is written: what is to be written after reading {@code text}
     * @param group rows of one group stay on one side of the split: a thread, an author, a cluster
     *     of near-duplicates
     */
    public record Columns(
            @DefaultValue("text") String text,
            @Nullable String secondText,
            @DefaultValue("label") String label,
            @DefaultValue("target") String target,
            @Nullable String group) {}

    /**
     * Which rows are held out: those of another file, or a share drawn by the hash of a row's group
     * or, without one, of its text. So a row stays on its side when others come and go, and the
     * same text is never on both sides.
     *
     * @param share of the rows, 0 to 1
     * @param seed another seed, another draw
     * @param path a file or folder of the same form; then {@code share} must be 0
     */
    public record HeldOut(
            @DefaultValue("0") double share, @DefaultValue("0") long seed, @Nullable Path path) {

        public HeldOut {
            String setting = "espalier.agents[].data[].held-out.share";
            require(share >= 0 && share <= 1, setting, "must be in [0, 1]");
            require(share == 0 || path == null, setting, "cannot be set beside held-out.path");
        }
    }

    /** The column that tells what a row teaches; null where rows are texts alone. */
    @Nullable String answerColumn() {
        return switch (task) {
            case SEQUENCE_CLASSIFICATION -> columns.label();
            case TEXT_TO_TEXT -> columns.target();
            case CAUSAL_LANGUAGE_MODELLING -> null;
        };
    }

    /** The name of that column's setting. */
    String answerRole() {
        return task == TaskKind.TEXT_TO_TEXT ? "target" : "label";
    }

    private static void require(boolean condition, String setting, String otherwise) {
        if (!condition) {
            throw new IllegalArgumentException(setting + " " + otherwise);
        }
    }
}
