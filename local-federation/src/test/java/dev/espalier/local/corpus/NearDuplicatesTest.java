package dev.espalier.local.corpus;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class NearDuplicatesTest {

    static LongStream seeds() {
        return LongStream.range(0, 30);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void everyTextIsInOneGroupAndCopiesAreInTheSame(long seed) {
        List<LabelledText> texts = InventedText.withCopies(120, seed);

        List<List<LabelledText>> groups = NearDuplicates.group(texts);

        assertThat(groups.stream().flatMap(List::stream))
                .containsExactlyInAnyOrderElementsOf(texts);
        assertThat(groups)
                .allSatisfy(group ->
                        assertThat(group.stream().map(InventedText::original).distinct())
                                .hasSize(1));
        assertThat(groups).hasSize(120);
    }

    @Test
    void aFewOtherWordsDoNotHideACampaign() {
        String body = InventedText.words(80, new Random(1));

        assertThat(
                        group(
                                "Dear ada, " + body + " offer 4711",
                                "DEAR BOB! " + body.toUpperCase(Locale.ROOT) + " offer 0815"))
                .hasSize(1);
    }

    @Test
    void anAnswerThatQuotesALittleIsATextOfItsOwn() {
        Random chance = new Random(2);
        String quoted = InventedText.words(20, chance);

        assertThat(
                        group(
                                quoted + InventedText.words(60, chance),
                                "> " + quoted + " " + InventedText.words(60, chance)))
                .hasSize(2);
    }

    @Test
    void textsOfOneOrTwoWordsAreAlikeOnlyWhenEqual() {
        assertThat(group("hello", "hello", "hello there", "", "other")).hasSize(4);
    }

    private static List<List<LabelledText>> group(String... texts) {
        return NearDuplicates.group(
                List.of(texts).stream().map(text -> new LabelledText("t", "ham", text)).toList());
    }
}
