package dev.espalier.benchmarks.training;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Lets contenders take turns, so that whatever else happens on the machine happens to all of them.
 *
 * @param steps of a turn
 * @param turns of each
 */
record Rounds(int steps, int turns) {

    static final Rounds USUAL = new Rounds(5, 15);

    /** One turn of each warms up and does not count. */
    Map<String, Series> measure(List<Contender> contenders) throws IOException {
        Map<String, Series> spent = new LinkedHashMap<>();
        for (Contender contender : contenders) {
            contender.run(steps);
            spent.put(contender.name(), new Series());
        }
        for (int turn = 0; turn < turns; turn++) {
            for (Contender contender : contenders) {
                Series series = spent.get(contender.name());
                if (series != null) {
                    series.add(contender.run(steps));
                }
            }
        }
        return spent;
    }
}
