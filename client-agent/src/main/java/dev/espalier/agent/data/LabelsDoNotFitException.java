package dev.espalier.agent.data;

import dev.espalier.protocol.DataName;
import java.util.ArrayList;
import java.util.List;

/**
 * The data has rows with a label that the task does not know. Labels are no secret: jobs name them.
 */
public final class LabelsDoNotFitException extends RuntimeException {

    private static final long serialVersionUID = 1;

    LabelsDoNotFitException(DataName data, List<String> offered, List<String> known) {
        super(
                "data '%s' has rows labelled %s, the task knows %s; map or leave out those labels"
                        .formatted(data, without(offered, known), known));
    }

    private static List<String> without(List<String> offered, List<String> known) {
        List<String> unknown = new ArrayList<>(offered);
        unknown.removeAll(known);
        return unknown;
    }
}
