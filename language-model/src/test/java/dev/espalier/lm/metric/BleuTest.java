package dev.espalier.lm.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class BleuTest {

    private static final List<List<String>> MEN_AND_DOGS =
            List.of(
                    List.of("The dog bit the man.", "The dog had bit the man."),
                    List.of("It was not unexpected.", "No one was surprised."),
                    List.of("The man bit him first.", "The man had bitten the dog."));

    static List<TextCase> cases() {
        return TextCase.all();
    }

    /** The example of sacrebleu's README with the value that its tests assert: 48.530827. */
    @Test
    void twoReferencesGiveTheScoreOfSacrebleu() {
        BleuScore score =
                bleu(
                        List.of(
                                "The dog bit the man.",
                                "It wasn't surprising.",
                                "The man had just bitten him."),
                        MEN_AND_DOGS);

        assertThat(score.score()).isCloseTo(48.530827, within(1e-6));
    }

    /** The sentence of sacrebleu's tests: 8.493 with 13a and exponential smoothing. */
    @Test
    void missingLongRunsAreSmoothedAsInSacrebleu() {
        BleuScore score =
                bleu(
                        List.of(
                                "Producția de zahăr primă va fi exprimată în ceea ce privește"
                                        + " zahărul alb;"),
                        List.of(List.of("producţia de zahăr brut se exprimă în zahăr alb;")));

        assertThat(score.score()).isCloseTo(8.493, within(1e-3));
    }

    /**
     * sacrebleu's tests: 0 for the README's references against empty texts, and without a match.
     */
    @Test
    void nothingAndNothingInCommonScoreZero() {
        assertThat(bleu(List.of("", "", ""), MEN_AND_DOGS).score()).isZero();
        assertThat(bleu(List.of("this is a cat"), List.of(List.of("okay thanks"))).score())
                .isZero();
        assertThat(new Bleu().score().score()).isZero();
    }

    /** By hand: 4 of 4 words, 3 of 3, 2 of 2, 1 of 1, and 4 tokens where the nearest has 5. */
    @Test
    void shortTextsPayForWhatTheyLeaveOut() {
        BleuScore score =
                bleu(List.of("one two three four"), List.of(List.of("one two three four five")));

        assertThat(score.precisions()).containsExactly(100.0, 100.0, 100.0, 100.0);
        assertThat(score.brevityPenalty()).isCloseTo(Math.exp(-0.25), within(1e-15));
        assertThat(score.score()).isCloseTo(77.8800783071405, within(1e-12));
    }

    /** By hand: 3/4, 1/3, then 1/(2·2) and 1/(4·1) for the two without a match. */
    @Test
    void everyMissingOrderHalvesTheNext() {
        BleuScore score = bleu(List.of("this is x test"), List.of(List.of("this is a test")));

        assertThat(score.precisions()).containsExactly(75.0, 100.0 / 3, 25.0, 25.0);
        assertThat(score.score()).isCloseTo(100 * Math.pow(1.0 / 64, 0.25), within(1e-12));
    }

    @Test
    void ofTwoReferencesAsNearInLengthTheShorterCounts() {
        BleuScore score = bleu(List.of("a b c d"), List.of(List.of("a b c d e", "a b c")));

        assertThat(score.referenceTokens()).isEqualTo(3);
        assertThat(score.brevityPenalty()).isEqualTo(1);
    }

    @Test
    void aPredictionWithoutReferenceIsRefused() {
        assertThatThrownBy(() -> new Bleu().add("text", List.of()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    /** Expected values from {@code expected.py} beside the cases. */
    @ParameterizedTest
    @MethodSource("cases")
    void scoresAreThoseOfAnIndependentComputation(TextCase texts) {
        assertThat(bleu(texts.predictions(), texts.references()).score())
                .isCloseTo(texts.bleu(), within(1e-9));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void tokensAreThoseOfAnIndependentComputation(TextCase texts) {
        assertThat(texts.predictions().stream().map(BleuTokenizer::tokens).toList())
                .isEqualTo(texts.tokens());
    }

    @ParameterizedTest
    @MethodSource("cases")
    void aCorpusAgainstItselfScoresHundred(TextCase texts) {
        boolean hasFourGrams = texts.tokens().stream().anyMatch(tokens -> tokens.size() >= 4);

        assertThat(
                        bleu(
                                        texts.predictions(),
                                        texts.predictions().stream().map(List::of).toList())
                                .score())
                .isEqualTo(hasFourGrams ? 100 : 0);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void theOrderOfExamplesDoesNotMatter(TextCase texts) {
        List<Integer> order =
                new ArrayList<>(IntStream.range(0, texts.predictions().size()).boxed().toList());
        Collections.shuffle(order, new Random(1));

        assertThat(
                        bleu(
                                order.stream().map(texts.predictions()::get).toList(),
                                order.stream().map(texts.references()::get).toList()))
                .isEqualTo(bleu(texts.predictions(), texts.references()));
    }

    private static BleuScore bleu(List<String> predictions, List<List<String>> references) {
        Bleu bleu = new Bleu();
        for (int i = 0; i < predictions.size(); i++) {
            bleu.add(predictions.get(i), references.get(i));
        }
        return bleu.score();
    }
}
