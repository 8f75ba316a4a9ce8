package dev.espalier.local.corpus;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MailTextTest {

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    list-mail       | Re: pears on the south wall They took well. Tie the leader first.
                    alternative     | Äpfel und Quitten für alle Fünf Körbe – morgen um neun.
                    html-base64     | Seeds at half price Best tulips à 5 € Order now
                    unknown-charset | Honest prices Café and crème
                    truncated       | Cut short The rest of this mail is
                    empty-plain     | Two ways to say it Only the coloured one speaks.
                    """)
    void aMailIsWhatItsReaderSees(String mail, String text) throws IOException {
        assertThat(MailText.of(resource(mail))).isEqualTo(text);
    }

    @Test
    void nothingOfTheRoutingOrTheVerdictIsLeft() throws IOException {
        assertThat(MailText.of(resource("list-mail")))
                .doesNotContain("X-Spam")
                .doesNotContain("hits")
                .doesNotContain("Gardeners")
                .doesNotContain("lists.example");
    }

    @Test
    void aMailWithoutTextIsEmpty() throws IOException {
        assertThat(MailText.of("X-Nothing: here\n\n".getBytes(StandardCharsets.US_ASCII)))
                .isEmpty();
    }

    @Test
    void aLongMailIsCutBetweenCharacters() {
        String text = "a".repeat(MailText.MAX_CHARS - 1) + "\uD83C\uDF50 pears";

        assertThat(MailText.plain(text)).isEqualTo("a".repeat(MailText.MAX_CHARS - 1));
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16})
    void noBrokenMailStopsTheReader(long seed) throws IOException {
        Random chance = new Random(seed);
        byte[] mail = resource("alternative");
        for (int i = 0; i < 30; i++) {
            mail[chance.nextInt(mail.length)] = (byte) chance.nextInt(256);
        }

        assertThat(MailText.of(mail)).hasSizeLessThanOrEqualTo(MailText.MAX_CHARS);
    }

    private static byte[] resource(String mail) throws IOException {
        try (InputStream in = MailTextTest.class.getResourceAsStream("/mail/" + mail + ".eml")) {
            return Objects.requireNonNull(in, mail).readAllBytes();
        }
    }
}
