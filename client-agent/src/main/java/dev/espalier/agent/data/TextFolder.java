package dev.espalier.agent.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.stream.Stream;

/**
 * A folder of text files, each one row; the path of a file tells its label, where rows have one.
 * Files whose path does not match the pattern, and hidden ones, are no rows. A file is named by its
 * number among the rows, in the order of their paths, because names of files may be private too.
 */
final class TextFolder implements RowSource {

    private final Path folder;
    private final DataSettings settings;

    TextFolder(Path folder, DataSettings settings) {
        this.folder = folder;
        this.settings = settings;
    }

    @Override
    public void read(Sink sink) throws IOException {
        long number = 0;
        for (String name : names()) {
            Matcher matcher = settings.pattern().matcher(name);
            if (matcher.matches()) {
                row(++number, name, matcher, sink);
            }
        }
        if (number == 0) {
            throw new DataUnusableException(
                    "Data '%s': no file in the folder %s matches the pattern %s."
                            .formatted(settings.name(), folder, settings.pattern()),
                    hasGroup("label")
                            ? "Put the texts of each label into a folder of that name, or set"
                                    + " 'pattern' to a regular expression for their paths with a"
                                    + " group named label."
                            : "Set 'pattern' to a regular expression for their paths.");
        }
    }

    private void row(long number, String name, Matcher matcher, Sink sink) {
        Optional<String> text = text(folder.resolve(name));
        if (text.isEmpty()) {
            sink.bad(number, BadRows.Fault.UNREADABLE);
            return;
        }
        sink.row(
                new RawRow(
                        number,
                        new PrivateText(text.get()),
                        null,
                        hasGroup("label") ? found(matcher, "label") : PrivateText.NONE,
                        hasGroup("group") ? found(matcher, "group") : null));
    }

    private boolean hasGroup(String name) {
        return settings.pattern().namedGroups().containsKey(name);
    }

    private static PrivateText found(Matcher matcher, String group) {
        return new PrivateText(Optional.ofNullable(matcher.group(group)).orElse(""));
    }

    private Optional<String> text(Path file) {
        try {
            return Optional.of(TextFile.read(file, settings.charset()));
        } catch (IOException unreadable) {
            return Optional.empty();
        }
    }

    /** Paths within the folder, with forward slashes, in their order on every system. */
    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                    .map(file -> folder.relativize(file).toString().replace('\\', '/'))
                    .filter(name -> !("/" + name).contains("/."))
                    .sorted()
                    .toList();
        }
    }
}
