package dev.espalier.orchestrator.ranks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.job.ComponentMap;
import dev.espalier.protocol.job.ComponentMap.Client;
import dev.espalier.protocol.job.ComponentMap.Module;
import dev.espalier.protocol.update.RoundSessionView.ModuleComponents;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** The component map as JSON's record, as a table and as a picture. */
class ComponentPictureTest {

    private static final Module QUERY = new Module("query", 2);
    private static final Client ADA = new Client(new AgentName("ada"), 2, null);

    private static final ComponentMap MAP =
            ComponentMaps.of(
                    List.of(QUERY),
                    List.of(
                            told(1, 2, 1, List.of(0.5, 0.25), List.of(0, 0), ADA, bob(0)),
                            told(2, 1, 0, List.of(1.0, 0.125), List.of(0, 3), bob(0)),
                            told(3, 1, 1, List.of(0.0, 0.5), List.of(1, 0), bob(1))));

    @Test
    void modulesThatARoundDidNotTellOfWereTouchedByNobody() {
        ComponentMap map =
                ComponentMaps.of(
                        List.of(new Module("key", 2), QUERY),
                        List.of(told(1, 2, 1, List.of(0.5, 0.25), List.of(0, 0), ADA)));

        assertThat(map.rounds().getFirst().contributors())
                .containsExactly(List.of(0, 0), List.of(2, 1));
        assertThat(map.rounds().getFirst().importance())
                .containsExactly(List.of(0.0, 0.0), List.of(0.5, 0.25));
        assertThat(map.rounds().getFirst().truncationError()).isNull();
    }

    @Test
    void whatWasCutOffIsToldByModule() {
        ComponentMaps.Told told =
                new ComponentMaps.Told(
                        1,
                        1,
                        List.of(
                                new ModuleComponents(
                                        "query", List.of(1), List.of(2.0), List.of(0), 0.125)),
                        List.of(ADA));

        ComponentMap map = ComponentMaps.of(List.of(new Module("query", 1)), List.of(told));

        assertThat(map.rounds().getFirst().truncationError()).containsExactly(0.125);
        assertThat(ComponentTable.csv(map)).contains("1,query,0,1,1,2.0,0,0.125,ada");
    }

    @Test
    void theTableHasOneLineForEachRoundModuleAndComponent() {
        assertThat(ComponentTable.csv(MAP))
                .isEqualTo(
                        String.join(
                                        "\r\n",
                                        "round,module,component,contributors,cohort,importance,age,"
                                                + "truncationError,assigned",
                                        "1,query,0,2,2,0.5,0,,ada bob",
                                        "1,query,1,1,2,0.25,0,,ada",
                                        "2,query,0,1,2,1.0,0,,bob",
                                        "2,query,1,0,2,0.125,3,,",
                                        "3,query,0,1,2,0.0,1,,",
                                        "3,query,1,1,2,0.5,0,,bob")
                                + "\r\n");
    }

    @Test
    void importanceIsColouredByTheLargestOfItsModule() throws Exception {
        List<Element> cells = cells(MAP, "worth");

        assertThat(cells)
                .extracting(cell -> cell.getAttribute("fill-opacity"))
                .containsExactly("0.500", "1.000", "0.000", "0.250", "0.125", "0.500");
        assertThat(cells.get(4).getTextContent())
                .isEqualTo(
                        "round 2, query, component 1: importance 0.125, trained by 0 of 2,"
                                + " untouched for 3");
    }

    @Test
    void clientsAreColouredByTheShareOfTheirRoundsAndTheLastIsFramed() throws Exception {
        List<Element> cells = cells(MAP, "trained");

        assertThat(cells)
                .extracting(cell -> cell.getAttribute("fill-opacity"))
                .containsExactly("1.000", "0.667", "1.000", "0.333");
        assertThat(cells)
                .extracting(Element::getTextContent)
                .containsExactly(
                        "ada, query, component 0: to train in 1 of 1 rounds",
                        "bob, query, component 0: to train in 2 of 3 rounds",
                        "ada, query, component 1: to train in 1 of 1 rounds",
                        "bob, query, component 1: to train in 1 of 3 rounds");
        NodeList all = parsed(MAP).getElementsByTagName("rect");
        List<Element> framed =
                IntStream.range(0, all.getLength())
                        .mapToObj(i -> (Element) all.item(i))
                        .filter(rect -> rect.getAttribute("class").equals("last"))
                        .toList();
        assertThat(framed).hasSize(1);
        assertThat(framed.getFirst().getAttribute("x"))
                .startsWith(cells.getLast().getAttribute("x"));
    }

    @Test
    void bothPanelsShareTheirRows() throws Exception {
        List<Element> worth = cells(MAP, "worth");
        List<Element> trained = cells(MAP, "trained");

        assertThat(worth.getFirst().getAttribute("y"))
                .isEqualTo(trained.getFirst().getAttribute("y"));
        assertThat(worth.getLast().getAttribute("y"))
                .isEqualTo(trained.getLast().getAttribute("y"));
    }

    @Test
    void longJobsManyClientsAndLargeModelsStayInsideThePicture() throws Exception {
        Client[] clients =
                IntStream.range(0, 150)
                        .mapToObj(i -> new Client(new AgentName("agent-" + i), 64, null))
                        .toArray(Client[]::new);
        List<Module> modules =
                IntStream.range(0, 20).mapToObj(i -> new Module("module-" + i, 64)).toList();
        ComponentMap map =
                ComponentMaps.of(
                        modules,
                        IntStream.rangeClosed(1, 60)
                                .mapToObj(r ->
                                        new ComponentMaps.Told(r, 150, List.of(), List.of(clients)))
                                .toList());
        Element svg = parsed(map).getDocumentElement();
        int width = Integer.parseInt(svg.getAttribute("width"));
        int height = Integer.parseInt(svg.getAttribute("height"));

        assertThat(width).isLessThan(2600);
        assertThat(height).isLessThan(10_000);
        for (String look : List.of("worth", "trained")) {
            assertThat(cells(map, look))
                    .hasSize(20 * 64 * (look.equals("worth") ? 60 : 100))
                    .allMatch(cell -> end(cell, "x", "width") <= width)
                    .allMatch(cell -> end(cell, "y", "height") <= height);
        }
        assertThat(svg.getTextContent()).contains("and 50 clients more");
    }

    @Test
    void aJobWithoutRanksIsAnEmptyPictureInBothLights() throws Exception {
        ComponentMap nothing = ComponentMaps.of(List.of(QUERY), List.of());

        assertThat(cells(nothing, "worth")).isEmpty();
        assertThat(cells(nothing, "trained")).isEmpty();
        assertThat(ComponentPicture.svg(nothing))
                .contains("prefers-color-scheme: dark")
                .contains(">0 %<", ">50 %<", ">100 %<", "of the largest of its module");
    }

    @Test
    void namesCannotBreakThePictureOrTheTable() throws Exception {
        ComponentMap odd =
                ComponentMaps.of(
                        List.of(new Module("<a&\"b,c>", 1)),
                        List.of(new ComponentMaps.Told(1, 1, List.of(), List.of(ADA))));

        assertThat(cells(odd, "worth").getFirst().getTextContent())
                .contains("<a&\"b,c>, component 0");
        assertThat(ComponentTable.csv(odd)).contains("1,\"<a&\"\"b,c>\",0,0,1,0.0,0,,ada");
    }

    private static int end(Element cell, String at, String size) {
        return Integer.parseInt(cell.getAttribute(at)) + Integer.parseInt(cell.getAttribute(size));
    }

    private static List<Element> cells(ComponentMap map, String look) throws Exception {
        NodeList rects = parsed(map).getElementsByTagName("rect");
        return IntStream.range(0, rects.getLength())
                .mapToObj(i -> (Element) rects.item(i))
                .filter(rect -> rect.getAttribute("class").equals(look))
                .filter(rect -> rect.getElementsByTagName("title").getLength() == 1)
                .toList();
    }

    private static Document parsed(ComponentMap map) throws Exception {
        byte[] svg = ComponentPicture.svg(map).getBytes(StandardCharsets.UTF_8);
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(svg));
    }

    private static Client bob(int component) {
        return new Client(new AgentName("bob"), 1, Map.of("query", List.of(component)));
    }

    private static ComponentMaps.Told told(
            int round,
            int first,
            int second,
            List<Double> importance,
            List<Integer> age,
            Client... clients) {
        return new ComponentMaps.Told(
                round,
                2,
                List.of(
                        new ModuleComponents(
                                "query", List.of(first, second), importance, age, null)),
                List.of(clients));
    }
}
