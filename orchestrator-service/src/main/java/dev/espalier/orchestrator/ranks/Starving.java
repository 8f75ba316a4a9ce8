package dev.espalier.orchestrator.ranks;

import dev.espalier.orchestrator.ranks.PlannedRanks.Client;
import dev.espalier.orchestrator.ranks.PlannedRanks.Replaced;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * Components that nobody trains would keep their low rank for ever: the longest untouched ones take
 * the place of the lowest ranked that clients were to train (algorithms.md B.8 #10, ours). In each
 * module the clients that do not train all get one each, in ascending order of name, so that not
 * all train the same; what somebody trains anyway needs nobody else.
 */
final class Starving {

    private Starving() {}

    static PlannedRanks feed(PlannedRanks plan, Worth worth) {
        List<Client> clients = new ArrayList<>(plan.clients());
        List<Replaced> replaced = new ArrayList<>();
        for (int module = 0; module < plan.modules().size(); module++) {
            Iterator<Integer> hungry = hungry(plan.clients(), module, worth).iterator();
            for (int place = 0; place < clients.size() && hungry.hasNext(); place++) {
                Client client = clients.get(place);
                if (client.components() != null) {
                    Replaced change = replaced(plan, client, module, hungry.next(), worth);
                    clients.set(place, with(client, module, change));
                    replaced.add(change);
                }
            }
        }
        return new PlannedRanks(
                plan.choice(), plan.turn(), plan.measuredIn(), plan.modules(), clients, replaced);
    }

    /** Those that nobody is to train and nobody trained last time, longest first, then by index. */
    private static List<Integer> hungry(List<Client> clients, int module, Worth worth) {
        List<Integer> age = worth.age().get(module);
        return IntStream.range(0, worth.rank())
                .filter(component -> age.get(component) > 0)
                .filter(component ->
                        clients.stream().noneMatch(client -> trains(client, module, component)))
                .boxed()
                .sorted(Comparator.comparing(age::get, Comparator.reverseOrder()))
                .toList(); // stable: the lower index first
    }

    private static boolean trains(Client client, int module, int component) {
        return client.components() == null || client.components().get(module).contains(component);
    }

    private static Replaced replaced(
            PlannedRanks plan, Client client, int module, int component, Worth worth) {
        List<Integer> chosen = chosen(client, module);
        int lowest =
                Choices.ranked(worth.importance().get(module)).reversed().stream()
                        .filter(chosen::contains)
                        .findFirst()
                        .orElseThrow();
        return new Replaced(
                client.agent(),
                plan.modules().get(module),
                component,
                lowest,
                worth.age().get(module).get(component));
    }

    private static Client with(Client client, int module, Replaced change) {
        TreeSet<Integer> ascending = new TreeSet<>(chosen(client, module));
        ascending.remove(change.instead());
        ascending.add(change.component());
        List<List<Integer>> components = new ArrayList<>(all(client));
        components.set(module, List.copyOf(ascending));
        return new Client(client.agent(), client.rank(), components);
    }

    private static List<Integer> chosen(Client client, int module) {
        return all(client).get(module);
    }

    private static List<List<Integer>> all(Client client) {
        if (client.components() == null) {
            throw new IllegalArgumentException(client.agent() + " trains all components");
        }
        return client.components();
    }
}
