package dev.espalier.local.display;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class DisplayTest {

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);

    @Test
    void aFileGetsWhatHappenedAndNoRedrawing() {
        Display display = Display.on(out, false);

        display.say("round 1 began");
        display.show(List.of("step 1", "step 2"));
        display.say("round 1 ended");

        assertThat(printed()).isEqualTo("round 1 began\nround 1 ended\n");
    }

    @Test
    void aTerminalKeepsTheBlockBelowWhatHappened() {
        Display display = Display.on(out, true);

        display.show(List.of("a", "b"));
        display.say("round 1 began");
        display.show(List.of());

        assertThat(printed())
                .isEqualTo(
                        "a\nb\n" + "\033[2A\033[0J" + "round 1 began\na\nb\n" + "\033[2A\033[0J");
    }

    @Test
    void aLineOfTheBlockNeverWraps() {
        Display.on(out, true).show(List.of("x".repeat(500)));

        assertThat(printed()).hasSizeLessThan(130);
    }

    @Test
    void columnsAreAligned() {
        assertThat(new Table("who", "n").row("ada", "1").row("b", "100").lines())
                .containsExactly("  who      n", "  ada      1", "  b      100");
    }

    @Test
    void aRowMustFitTheHeader() {
        assertThatThrownBy(() -> new Table("who", "n").row("ada"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void numbersAreWrittenForPeople() {
        assertThat(Numbers.percent(0.97333)).isEqualTo("97.3 %");
        assertThat(Numbers.percent(null)).isEqualTo("-");
        assertThat(Numbers.megabytes(1_250_000)).isEqualTo("1.3 MB");
        assertThat(Numbers.count(6007)).isEqualTo("6,007");
        assertThat(Numbers.duration(Duration.ofMillis(245_400))).isEqualTo("4 min 05 s");
        assertThat(Numbers.duration(Duration.ofMillis(11_600))).isEqualTo("12 s");
        assertThat(Numbers.bar(0.5, 4)).isEqualTo("[##..]");
    }

    private String printed() {
        return bytes.toString(StandardCharsets.UTF_8).replace("\r\n", "\n");
    }
}
