package dev.espalier.local.federation;

import java.util.Map;

/** How a part comes to life: here, or in a process of its own. */
public interface Launcher {

    /**
     * Starts a part and returns when it serves.
     *
     * @param settings by property name; they outrank the part's own file
     */
    Running launch(Part part, Map<String, String> settings);

    /** A part that serves. */
    interface Running {

        /** Lets it finish what it has begun. */
        void stop();
    }
}
