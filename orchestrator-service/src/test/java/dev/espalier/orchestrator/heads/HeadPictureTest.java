package dev.espalier.orchestrator.heads;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.orchestrator.neighbour.Models;
import dev.espalier.protocol.job.HeadMap;
import dev.espalier.protocol.update.RoundSessionView.BlockHeads;
import java.io.ByteArrayInputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** The head map as JSON's record, as a table and as a picture. */
class HeadPictureTest {

    private static final String BLOCK = "bert.encoder.layer.0.attention";

    private static final HeadMap MAP =
            HeadMaps.of(
                    Models.structure(),
                    List.of(
                            told(1, 4, List.of(3, 0), List.of(0.5, 0.0)),
                            told(2, 2, List.of(2, 1), List.of(0.25, 0.125))));

    @Test
    void blocksThatARoundDidNotTellOfAreKeptByNobody() {
        HeadMap map =
                HeadMaps.of(
                        Models.structure(2, 2),
                        List.of(told(1, 4, List.of(3, 0), List.of(0.5, 0.0))));

        assertThat(map.blocks()).hasSize(2).extracting(HeadMap.Block::heads).containsOnly(2);
        assertThat(map.rounds().getFirst().contributors())
                .containsExactly(List.of(3, 0), List.of(0, 0));
        assertThat(map.rounds().getFirst().confidence())
                .containsExactly(List.of(0.5, 0.0), List.of(0.0, 0.0));
    }

    @Test
    void theTableHasOneLineForEachRoundBlockAndHead() {
        assertThat(HeadTable.csv(MAP))
                .isEqualTo(
                        String.join(
                                        "\r\n",
                                        "round,block,head,contributors,cohort,confidence",
                                        "1," + BLOCK + ",0,3,4,0.5",
                                        "1," + BLOCK + ",1,0,4,0.0",
                                        "2," + BLOCK + ",0,2,2,0.25",
                                        "2," + BLOCK + ",1,1,2,0.125")
                                + "\r\n");
    }

    @Test
    void aNameWithACommaIsQuoted() {
        HeadMap odd =
                new HeadMap(
                        List.of(new HeadMap.Block("a,\"b", 1)),
                        List.of(
                                new HeadMap.Round(
                                        1,
                                        1,
                                        List.of(List.of(1)),
                                        List.of(List.of(0.5)),
                                        List.of(),
                                        List.of())));

        assertThat(HeadTable.csv(odd)).contains("1,\"a,\"\"b\",0,1,1,0.5");
    }

    @Test
    void everyHeadOfEveryRoundIsColouredByTheShareThatKeptIt() throws Exception {
        List<Element> cells = cells(MAP);

        assertThat(cells)
                .extracting(cell -> cell.getAttribute("fill-opacity"))
                .containsExactly("0.750", "0.000", "1.000", "0.500");
        assertThat(cells)
                .extracting(cell -> cell.getTextContent())
                .containsExactly(
                        "round 1, " + BLOCK + ", head 0: kept by 3 of 4, confidence 0.500",
                        "round 1, " + BLOCK + ", head 1: kept by 0 of 4, confidence 0.000",
                        "round 2, " + BLOCK + ", head 0: kept by 2 of 2, confidence 0.250",
                        "round 2, " + BLOCK + ", head 1: kept by 1 of 2, confidence 0.125");
        assertThat(cells.get(0).getAttribute("x")).isEqualTo(cells.get(1).getAttribute("x"));
        assertThat(cells.get(0).getAttribute("y")).isEqualTo(cells.get(2).getAttribute("y"));
    }

    @Test
    void thePictureFollowsLightAndDarkAndHasALegend() {
        assertThat(HeadPicture.svg(MAP))
                .contains("prefers-color-scheme: dark")
                .contains(">0 %<", ">50 %<", ">100 %<", "of the updates that counted");
    }

    @Test
    void aLongJobStaysInsideThePicture() throws Exception {
        HeadMap map =
                HeadMaps.of(
                        Models.structure(),
                        IntStream.rangeClosed(1, 400)
                                .mapToObj(r -> told(r, 2, List.of(2, 1), List.of(0.5, 0.5)))
                                .toList());
        Element svg = parsed(map).getDocumentElement();
        int width = Integer.parseInt(svg.getAttribute("width"));

        assertThat(width).isLessThan(2000);
        assertThat(cells(map))
                .hasSize(800)
                .allMatch(cell ->
                        right(cell) <= width && Integer.parseInt(cell.getAttribute("width")) > 0);
    }

    @Test
    void aJobWithoutHeadsIsAnEmptyPicture() throws Exception {
        assertThat(cells(HeadMaps.of(Models.structure(), List.of()))).isEmpty();
    }

    @Test
    void namesCannotBreakThePicture() throws Exception {
        HeadMap odd =
                new HeadMap(
                        List.of(new HeadMap.Block("<a&b>", 1)),
                        List.of(
                                new HeadMap.Round(
                                        1,
                                        0,
                                        List.of(List.of(0)),
                                        List.of(List.of(0.0)),
                                        List.of(),
                                        List.of())));

        assertThat(cells(odd).getFirst().getTextContent()).contains("<a&b>, head 0");
    }

    private static int right(Element cell) {
        return Integer.parseInt(cell.getAttribute("x"))
                + Integer.parseInt(cell.getAttribute("width"));
    }

    private static List<Element> cells(HeadMap map) throws Exception {
        NodeList rects = parsed(map).getElementsByTagName("rect");
        return IntStream.range(0, rects.getLength())
                .mapToObj(i -> (Element) rects.item(i))
                .filter(rect -> rect.getElementsByTagName("title").getLength() == 1)
                .toList();
    }

    private static Document parsed(HeadMap map) throws Exception {
        byte[] svg = HeadPicture.svg(map).getBytes(StandardCharsets.UTF_8);
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(svg));
    }

    private static HeadMaps.Told told(
            int round, int cohort, List<Integer> contributors, List<Double> confidence) {
        return new HeadMaps.Told(
                round,
                cohort,
                List.of(new BlockHeads(BLOCK, contributors, confidence)),
                new PlannedHeads(BigDecimal.ZERO, 1, new Starvation(List.of()), List.of()));
    }
}
