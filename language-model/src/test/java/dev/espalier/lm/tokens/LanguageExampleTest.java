package dev.espalier.lm.tokens;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class LanguageExampleTest {

    private static final TokenSequence FOUR = new TokenSequence(new int[] {5, 6, 7, 8}, new int[4]);

    @Test
    void theFirstTokenIsNeverPredicted() {
        LanguageExample example = LanguageExample.of(FOUR);

        assertThat(example.predictions()).isEqualTo(3);
        assertThat(example.isPredicted(0)).isFalse();
        assertThat(example.isPredicted(1)).isTrue();
    }

    @Test
    void aPromptIsReadAndNotPredicted() {
        LanguageExample example = LanguageExample.completion(FOUR, 3);

        assertThat(example.predictions()).isEqualTo(1);
        assertThat(example.label(2)).isEqualTo(LanguageExample.IGNORED);
        assertThat(example.label(3)).isEqualTo(8);
    }

    @Test
    void anExampleThatPredictsNothingIsRefused() {
        TokenSequence one = new TokenSequence(new int[1], new int[1]);

        assertThatThrownBy(() -> LanguageExample.of(one))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> LanguageExample.completion(FOUR, 4))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new LanguageExample(FOUR, new int[3]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("3 labels");
    }

    @Test
    void windowsDoNotOverlapAndTheRestIsDropped() {
        List<LanguageExample> windows = LanguageExample.windows(new int[] {1, 2, 3, 4, 5, 6, 7}, 3);

        assertThat(windows).hasSize(2);
        assertThat(windows.get(1).tokens().ids()).containsExactly(4, 5, 6);
    }

    @Test
    void aTextDoesNotPrintItsContent() {
        assertThat(LanguageExample.of(FOUR)).hasToString("LanguageExample[4 tokens, 3 predicted]");
    }
}
