package dev.espalier.agent.data;

import dev.espalier.protocol.DataName;
import dev.espalier.protocol.work.DataOffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** All data sets of one agent. */
public final class DataRoom {

    private final Map<DataName, PrivateData> sets = new LinkedHashMap<>();

    private DataRoom(List<PrivateData> sets) {
        for (PrivateData set : sets) {
            if (this.sets.putIfAbsent(set.name(), set) != null) {
                throw new DataUnusableException(
                        "Data '%s' is configured twice for one agent.".formatted(set.name()),
                        "Give each of 'espalier.agents[].data' its own name.");
            }
        }
    }

    /**
     * Reads all files.
     *
     * @throws DataUnusableException if something is wrong with one of them; says what, and never
     *     quotes
     */
    public static DataRoom open(List<DataSettings> settings) {
        return new DataRoom(settings.stream().map(PrivateData::open).toList());
    }

    public Optional<PrivateData> find(DataName name) {
        return Optional.ofNullable(sets.get(name));
    }

    /** What the servers may know. */
    public List<DataOffer> offers() {
        return sets.values().stream().map(PrivateData::offer).toList();
    }
}
