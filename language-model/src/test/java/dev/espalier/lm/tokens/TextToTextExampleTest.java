package dev.espalier.lm.tokens;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class TextToTextExampleTest {

    private static final TokenSequence SOURCE = new TokenSequence(new int[] {5, 6}, new int[2]);
    private static final TokenSequence TARGET = new TokenSequence(new int[] {7, 8, 1}, new int[3]);

    @Test
    void everyTargetTokenIsPredictedTheFirstToo() {
        TextToTextExample example = TextToTextExample.of(SOURCE, TARGET);

        assertThat(example.predictions()).isEqualTo(3);
        assertThat(example.isPredicted(0)).isTrue();
    }

    @Test
    void theDecoderReadsTheTargetOnePlaceLater() {
        assertThat(TextToTextExample.of(SOURCE, TARGET).shifted(2, 0).ids())
                .containsExactly(2, 7, 8);
    }

    @Test
    void anIgnoredTokenIsNeitherReadNorPredicted() {
        TextToTextExample example = new TextToTextExample(SOURCE, new int[] {7, -100, 1, -100});

        assertThat(example.predictions()).isEqualTo(2);
        assertThat(example.targetLength()).isEqualTo(4);
        assertThat(example.shifted(2, 0).ids()).containsExactly(2, 7, 0, 1);
    }

    @Test
    void anExampleThatPredictsNothingIsRefused() {
        assertThatThrownBy(() -> new TextToTextExample(SOURCE, new int[] {-100}))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new TextToTextExample(SOURCE, new int[0]))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theSameTokensCutElsewhereAreAnotherExample() {
        TokenSequence one = new TokenSequence(new int[] {5}, new int[1]);

        assertThat(TextToTextExample.of(SOURCE, TARGET))
                .isEqualTo(new TextToTextExample(SOURCE, TARGET.ids()))
                .isNotEqualTo(new TextToTextExample(one, new int[] {6, 7, 8, 1}));
    }

    @Test
    void aTextDoesNotPrintItsContent() {
        assertThat(TextToTextExample.of(SOURCE, TARGET))
                .hasToString("TextToTextExample[2 tokens, 3 predicted]");
    }
}
