package dev.espalier.orchestrator.round;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.espalier.orchestrator.round.Evaluations.Answer;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.VersionRef;
import dev.espalier.protocol.job.RoundView.Evaluation;
import dev.espalier.protocol.job.RoundView.OfAgent;
import dev.espalier.protocol.work.Outcome;
import java.util.List;
import org.junit.jupiter.api.Test;

class EvaluationsTest {

    private static final AgentName ADA = new AgentName("ada");
    private static final AgentName BOB = new AgentName("bob");

    @Test
    void evaluationsAreWeightedByTheirExamples() {
        Evaluation mean =
                Evaluations.weightedMean(
                        List.of(
                                new Answer(ADA, classified(300, 0.2, 0.9, 0.8)),
                                new Answer(BOB, classified(100, 1.0, 0.5, 0.4))));

        assertThat(mean.examples()).isEqualTo(400);
        assertThat(mean.accuracy()).isCloseTo(0.8, within(1e-12));
        assertThat(mean.macroF1()).isCloseTo(0.7, within(1e-12));
        assertThat(mean.loss()).isCloseTo(0.4, within(1e-12));
        assertThat(mean.perplexity()).isNull();
        assertThat(mean.agents())
                .containsExactly(
                        new OfAgent(ADA, 300, 0.2, 0.9, null),
                        new OfAgent(BOB, 100, 1.0, 0.5, null));
    }

    @Test
    void perplexityIsThatOfAllTokensTogether() {
        Evaluation all =
                Evaluations.weightedMean(
                        List.of(
                                new Answer(ADA, continued(10, 1.0, 30L)),
                                new Answer(BOB, continued(90, 3.0, 10L))));

        assertThat(all.examples()).isEqualTo(100);
        assertThat(all.loss()).isCloseTo(1.5, within(1e-12));
        assertThat(all.perplexity()).isCloseTo(Math.exp(1.5), within(1e-12));
        assertThat(all.accuracy()).isNull();
        assertThat(Evaluations.values(all)).containsOnlyKeys("perplexity", "loss");
        assertThat(Evaluations.inWords(all)).isEqualTo("has a perplexity of 4.48 on 100 examples");
    }

    @Test
    void clientsOwnVersionsCountAlikeWhateverTheirTokens() {
        Evaluation mean =
                Evaluations.meanOverVersions(
                        List.of(
                                version(ADA, 1, continued(10, 1.0, 30L)),
                                version(BOB, 2, continued(10, 3.0, 10L))));

        assertThat(mean.perplexity()).isCloseTo((Math.exp(1.0) + Math.exp(3.0)) / 2, within(1e-12));
        assertThat(mean.loss()).isCloseTo(2.0, within(1e-12));
        assertThat(mean.examples()).isEqualTo(10);
        assertThat(mean.agents())
                .containsExactly(
                        new OfAgent(ADA, 10, 1.0, null, Math.exp(1.0)),
                        new OfAgent(BOB, 10, 3.0, null, Math.exp(3.0)));
    }

    private static Sitting.Result version(AgentName client, int number, Outcome.Evaluated told) {
        VersionRef version = VersionRef.parse("alone-base@" + number);
        return new Sitting.Result(
                new Examined(version, null, client),
                Evaluations.weightedMean(List.of(new Answer(new AgentName("judge"), told))));
    }

    private static Outcome.Evaluated classified(
            long rows, double loss, double accuracy, double macroF1) {
        return new Outcome.Evaluated(rows, loss, accuracy, macroF1, null, null, null, null, 0, 0L);
    }

    private static Outcome.Evaluated continued(long windows, double loss, long tokens) {
        return new Outcome.Evaluated(
                windows, loss, null, null, null, null, Math.exp(loss), tokens, 0, 0L);
    }
}
