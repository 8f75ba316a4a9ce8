package dev.espalier.benchmarks.dataset;

import java.io.FileNotFoundException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The files that a data set is read from.
 *
 * @param paths in the folder that holds all data sets, as in {@code mnli/a-file.gz}
 */
public record SourceFiles(List<String> paths) {

    public SourceFiles {
        paths = List.copyOf(paths);
    }

    SourceFiles(String... paths) {
        this(Arrays.asList(paths));
    }

    /** The first that is not there, in words. */
    public Optional<String> missing(Path data) {
        return paths.stream()
                .filter(path -> !Files.isRegularFile(data.resolve(path)))
                .findFirst()
                .map(path -> "%s is not in %s".formatted(path, data.getFileName()));
    }

    /**
     * @throws FileNotFoundException if one is not there
     */
    void requireIn(Path data) throws FileNotFoundException {
        Optional<String> missing = missing(data);
        if (missing.isPresent()) {
            throw new FileNotFoundException(missing.get() + "; there is no experiment without it");
        }
    }
}
