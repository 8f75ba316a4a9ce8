package dev.espalier.benchmarks.measure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.benchmarks.experiment.Rounds;
import dev.espalier.protocol.job.RoundView;
import java.util.List;
import org.junit.jupiter.api.Test;

class FiguresTest {

    private static final List<RoundView> RUN =
            List.of(
                    Rounds.ended(1, 0.4, null),
                    Rounds.ended(2, 0.5, null),
                    Rounds.ended(3, 0.5, 0.55));

    @Test
    void costsAreSumsOverAllRoundsAndScoresAreFinal() {
        Figures figures = Figures.of(RUN);

        assertThat(figures.accuracy()).isEqualTo(0.55);
        assertThat(figures.macroF1()).isEqualTo(0.275);
        assertThat(figures.bytesUp()).isEqualTo(270);
        assertThat(figures.taskHeadBytesUp()).isEqualTo(30);
        assertThat(figures.wireBytesUp()).isEqualTo(360);
        assertThat(figures.bytesDown()).isEqualTo(1500);
        assertThat(figures.baseBytesDown()).isEqualTo(1200);
        assertThat(figures.macs()).isEqualTo(3000);
        assertThat(figures.attentionMacs()).isEqualTo(900);
        assertThat(figures.attentionMacsDenseOutput()).isEqualTo(1200);
        assertThat(figures.scoringMacs()).isEqualTo(150);
        assertThat(figures.trainSeconds()).isEqualTo(6);
        assertThat(figures.rounds()).isEqualTo(3);
    }

    @Test
    void validationIsNeverTakenForTheFinalScore() {
        assertThat(Figures.of(RUN.subList(0, 2)).accuracy()).isNull();
        assertThat(Figures.of(RUN.subList(0, 2)).loss()).isNull();
    }

    @Test
    void theMeanOfOneIsItself() {
        assertThat(Figures.mean(List.of(Figures.of(RUN)))).isEqualTo(Figures.of(RUN));
    }

    @Test
    void aScoreThatOneSeedLacksHasNoMean() {
        Figures scored = Figures.of(RUN);
        Figures notScored = Figures.of(RUN.subList(0, 2));

        Figures mean = Figures.mean(List.of(scored, notScored));

        assertThat(mean.accuracy()).isNull();
        assertThat(mean.bytesUp()).isEqualTo(225);
    }
}
