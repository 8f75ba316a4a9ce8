package dev.espalier.orchestrator.ranks;

import dev.espalier.protocol.job.ComponentMap;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The component map as CSV (RFC 4180): one line for each round, module and component, with the
 * agents that were told to train it, apart by spaces.
 */
public final class ComponentTable {

    private static final String CRLF = "\r\n";

    private ComponentTable() {}

    public static String csv(ComponentMap map) {
        StringBuilder csv =
                new StringBuilder(
                                "round,module,component,contributors,cohort,importance,age,"
                                        + "truncationError,assigned")
                        .append(CRLF);
        for (ComponentMap.Round round : map.rounds()) {
            for (int module = 0; module < map.modules().size(); module++) {
                lines(csv, map.modules().get(module), round, module);
            }
        }
        return csv.toString();
    }

    private static void lines(
            StringBuilder csv, ComponentMap.Module module, ComponentMap.Round round, int index) {
        List<Double> errors = round.truncationError();
        for (int component = 0; component < module.rank(); component++) {
            csv.append(round.number())
                    .append(',')
                    .append(quoted(module.name()))
                    .append(',')
                    .append(component)
                    .append(',')
                    .append(round.contributors().get(index).get(component))
                    .append(',')
                    .append(round.cohort())
                    .append(',')
                    .append(round.importance().get(index).get(component))
                    .append(',')
                    .append(round.age().get(index).get(component))
                    .append(',')
                    .append(errors == null ? "" : errors.get(index).toString())
                    .append(',')
                    .append(assigned(round, module.name(), component))
                    .append(CRLF);
        }
    }

    private static String assigned(ComponentMap.Round round, String module, int component) {
        return round.clients().stream()
                .filter(client -> Training.isAssigned(client, module, component))
                .map(client -> client.agent().value())
                .collect(Collectors.joining(" "));
    }

    private static String quoted(String name) {
        return name.matches("[^\",\r\n]*") ? name : '"' + name.replace("\"", "\"\"") + '"';
    }
}
