package dev.espalier.benchmarks.experiment;

import dev.espalier.local.federation.HomeFolder;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** Studies that belong together. */
public interface Experiment {

    /** On the command line, in the report and in names of folders. */
    String name();

    /** quick, default or full. */
    String size();

    /** What all studies have in common, for the report. */
    Map<String, Object> settings();

    Computing computing();

    /**
     * Brings the data to its owners. The same sources give the same files.
     *
     * @param home gets a folder for every study
     * @return the experiment proper first, then whatever else there is
     */
    List<Part> parts(HomeFolder home) throws IOException;

    /** Where a study keeps everything. */
    static HomeFolder homeOf(String study, HomeFolder home) {
        return new HomeFolder(home.root().resolve(study));
    }
}
