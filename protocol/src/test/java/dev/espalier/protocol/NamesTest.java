package dev.espalier.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NamesTest {

    @ParameterizedTest
    @ValueSource(strings = {"a", "mail-provider-1", "all-minilm-l6-v2", "bge.small_en", "9"})
    void plainNamesAreNames(String name) {
        assertThat(new ModelName(name)).hasToString(name);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", "A", "-a", "a-", ".", "..", "a/b", "a b", "a\n", "ä", "a@1", "%2e%2e", "a\u0000"
            })
    void whatCouldMeanSomethingElseIsNoName(String text) {
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> new AgentName(text));
    }

    @Test
    void namesEndAtSixtyThreeCharacters() {
        assertThat(new DataName("a".repeat(63)).value()).hasSize(63);
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> new DataName("a".repeat(64)));
    }

    @Test
    void aVersionIsModelAtNumber() {
        VersionRef ref = VersionRef.parse("spam-filter@12");

        assertThat(ref).isEqualTo(new VersionRef(new ModelName("spam-filter"), 12));
        assertThat(ref).hasToString("spam-filter@12");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "spam-filter",
                "spam-filter@",
                "spam-filter@0",
                "spam-filter@latest",
                "@1",
                "a@1@2",
                "a@01"
            })
    void whatNamesNoNumberIsNoVersion(String text) {
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> VersionRef.parse(text));
    }

    @Test
    void aPointerWithoutSelectorMeansTheLatest() {
        assertThat(ModelPointer.parse("minilm")).hasToString("minilm@latest");
        assertThat(ModelPointer.parse("minilm@3").selector()).isEqualTo("3");
        assertThat(ModelPointer.parse("minilm@champion").selector()).isEqualTo("champion");
    }

    @ParameterizedTest
    @ValueSource(strings = {"1-1-1-1-1", "", "no-uuid", "f81d4fae-7dec-11d0-a765-00a0c91e6bf6x"})
    void onlyCanonicalUuidsAreIds(String text) {
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> JobId.parse(text));
    }

    @Test
    void theDigestOfNothingIsTheKnownOne() {
        assertThat(Digest.of(new byte[0]))
                .hasToString("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }
}
