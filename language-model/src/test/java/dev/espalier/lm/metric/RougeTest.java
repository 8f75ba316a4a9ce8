package dev.espalier.lm.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class RougeTest {

    static List<TextCase> cases() {
        return TextCase.all();
    }

    /** Precision, recall and F that rouge-score's own tests assert, computed by hand there. */
    @ParameterizedTest
    @CsvSource({
        "testing,     rouge1, 1, 0.33333333333333, 0.5",
        "testing one, rouge1, 1, 0.66666666666667, 0.8",
        "testing one, rouge2, 1, 0.5,              0.66666666666667",
        "testing one, rougeL, 1, 0.66666666666667, 0.8",
        "testing two, rougeL, 1, 0.66666666666667, 0.8",
        "'',          rouge1, 0, 0, 0",
        "'',          rouge2, 0, 0, 0",
        "'',          rougeL, 0, 0, 0",
        "/,           rougeL, 0, 0, 0",
    })
    void scoresAreThoseOfTheTestsOfRougeScore(
            String prediction, String kind, double precision, double recall, double f) {
        Rouge rouge = Rouge.of(prediction, "testing one two");

        RougeScore score =
                switch (kind) {
                    case "rouge1" -> rouge.rouge1();
                    case "rouge2" -> rouge.rouge2();
                    default -> rouge.rougeL();
                };
        close(score, precision, recall, f);
    }

    /**
     * Sentences of Lin 2004, section 3.1: L is 3/4 for the second and 1/2 for the third, 2 is 1/3
     * for both.
     */
    @Test
    void orderTellsApartWhatPairsDoNot() {
        Rouge second = Rouge.of("police kill the gunman", "police killed the gunman");
        Rouge third = Rouge.of("the gunman kill police", "police killed the gunman");

        close(second.rougeL(), 0.75, 0.75, 0.75);
        close(third.rougeL(), 0.5, 0.5, 0.5);
        assertThat(second.rouge2().f()).isEqualTo(third.rouge2().f());
        close(second.rouge2(), 1.0 / 3, 1.0 / 3, 1.0 / 3);
    }

    @Test
    void wordsAreNotStemmed() {
        assertThat(Rouge.of("dogs", "dog").rouge1().f()).isZero();
    }

    @Test
    void caseAndPunctuationDoNotCount() {
        assertThat(Rouge.of("The dog, (it) BIT!", "the Dog it bit").rougeL().f()).isEqualTo(1);
    }

    /** Expected values from {@code expected.py} beside the cases. */
    @ParameterizedTest
    @MethodSource("cases")
    void scoresAreThoseOfAnIndependentComputation(TextCase texts) {
        for (int i = 0; i < texts.predictions().size(); i++) {
            Rouge rouge =
                    Rouge.of(texts.predictions().get(i), texts.references().get(i).getFirst());
            List<List<Double>> expected = texts.rouge().get(i);
            close(rouge.rouge1(), expected.get(0));
            close(rouge.rouge2(), expected.get(1));
            close(rouge.rougeL(), expected.get(2));
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void aTextAgainstItselfScoresOne(TextCase texts) {
        for (String text : texts.predictions()) {
            int tokens = Rouge.tokens(text).size();
            Rouge rouge = Rouge.of(text, text);

            assertThat(rouge.rouge1().f()).isEqualTo(tokens > 0 ? 1 : 0);
            assertThat(rouge.rouge2().f()).isEqualTo(tokens > 1 ? 1 : 0);
            assertThat(rouge.rougeL().f()).isEqualTo(tokens > 0 ? 1 : 0);
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void precisionOneWayIsRecallTheOther(TextCase texts) {
        String a = texts.predictions().getFirst();
        String b = texts.references().getFirst().getFirst();
        Rouge there = Rouge.of(a, b);
        Rouge back = Rouge.of(b, a);

        assertThat(there.rougeL().precision()).isEqualTo(back.rougeL().recall());
        assertThat(there.rouge2().precision()).isEqualTo(back.rouge2().recall());
        assertThat(there.rougeL().f()).isBetween(0.0, there.rouge1().f());
    }

    @Test
    void theMeanIsTakenOverExamplesForEachNumber() {
        Rouge whole = Rouge.of("testing one two", "testing one two");
        Rouge part = Rouge.of("testing", "testing one two");

        close(Rouge.mean(List.of(whole, part)).rouge1(), 1, 2.0 / 3, 0.75);
        assertThat(Rouge.mean(List.of()).rouge1().f()).isNaN();
    }

    private static void close(RougeScore actual, List<Double> expected) {
        close(actual, expected.get(0), expected.get(1), expected.get(2));
    }

    private static void close(RougeScore actual, double precision, double recall, double f) {
        assertThat(actual.precision()).isCloseTo(precision, within(1e-12));
        assertThat(actual.recall()).isCloseTo(recall, within(1e-12));
        assertThat(actual.f()).isCloseTo(f, within(1e-12));
    }
}
