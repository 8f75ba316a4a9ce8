package dev.espalier.benchmarks.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.protocol.job.ComponentMap;
import dev.espalier.protocol.job.HeadMap;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;

class PicturesTest {

    private static final String ODD = "a < b & \"c\" > d";

    @Test
    void linesHaveALegendAndADotForEveryPoint() throws Exception {
        Document picture =
                parsed(
                        new LineChart(ODD, "round")
                                .add(
                                        ODD,
                                        List.of(
                                                new LineChart.Point(1, 10),
                                                new LineChart.Point(2, 55.5)))
                                .add("other", List.of(new LineChart.Point(1, 5)))
                                .svg());

        assertThat(picture.getElementsByTagName("circle").getLength()).isEqualTo(3);
        assertThat(picture.getElementsByTagName("polyline").getLength()).isEqualTo(2);
        assertThat(picture.getDocumentElement().getTextContent()).contains(ODD).contains("other");
    }

    @Test
    void axesAreLabelledWithRoundNumbers() throws Exception {
        Document picture =
                parsed(
                        new LineChart("accuracy", "round")
                                .add("dense", List.of(new LineChart.Point(12, 56.19)))
                                .svg());

        assertThat(texts(picture))
                .contains("3", "6", "9", "12", "15")
                .contains("20", "40", "60", "80", "100");
    }

    private static List<String> texts(Document picture) {
        var labels = picture.getElementsByTagName("text");
        return IntStream.range(0, labels.getLength())
                .mapToObj(i -> labels.item(i).getTextContent())
                .toList();
    }

    @Test
    void aChartOfNothingIsAPicture() throws Exception {
        parsed(new LineChart("nothing", "round").svg());
        parsed(BarChart.svg("nothing", "s", List.of()));
    }

    @Test
    void barsAreAsLongAsTheirNumbers() throws Exception {
        Document picture =
                parsed(
                        BarChart.svg(
                                "Seconds & more",
                                "s",
                                List.of(
                                        new BarChart.Bar("dense", 100),
                                        new BarChart.Bar(ODD, 25))));

        assertThat(width(picture, 1)).isEqualTo(4 * width(picture, 2));
    }

    @Test
    void theMapHasACellForEveryHead() throws Exception {
        HeadMap map =
                new HeadMap(
                        List.of(new HeadMap.Block("layer.0", 2), new HeadMap.Block("layer.1", 3)),
                        List.of(
                                new HeadMap.Round(
                                        1,
                                        4,
                                        List.of(List.of(4, 0), List.of(1, 2, 3)),
                                        List.of(List.of(0.9, 0.0), List.of(0.1, 0.2, 0.3)),
                                        List.of(),
                                        List.of())));

        Document picture = parsed(HeadPicture.svg("Heads", map));

        assertThat(picture.getElementsByTagName("rect").getLength()).isEqualTo(1 + 5);
        assertThat(picture.getDocumentElement().getTextContent())
                .contains("layer.0, head 0: in 100 % of the updates")
                .contains("layer.1, head 1: in 50 % of the updates");
    }

    @Test
    void theMapHasACellForEveryComponentOfEveryModule() throws Exception {
        ComponentMap map =
                new ComponentMap(
                        List.of(
                                new ComponentMap.Module("bert.encoder.layer.0.query", 2),
                                new ComponentMap.Module("odd", 2)),
                        List.of(round(1, List.of(4, 1)), round(2, List.of(2, 0))));

        Document picture = parsed(ComponentPicture.svg("Components", map));

        assertThat(picture.getElementsByTagName("rect").getLength()).isEqualTo(1 + 4);
        assertThat(picture.getDocumentElement().getTextContent())
                .contains("layer.0.query, component 0: in 75 % of the updates")
                .contains("odd, component 1: in 13 % of the updates");
    }

    /** Four updates; all modules alike. */
    private static ComponentMap.Round round(int number, List<Integer> contributors) {
        return new ComponentMap.Round(
                number,
                4,
                List.of(contributors, contributors),
                List.of(),
                List.of(),
                null,
                List.of());
    }

    private static double width(Document picture, int rectangle) {
        return Double.parseDouble(
                picture.getElementsByTagName("rect")
                        .item(rectangle)
                        .getAttributes()
                        .getNamedItem("width")
                        .getNodeValue());
    }

    private static Document parsed(String svg) throws Exception {
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)));
    }
}
