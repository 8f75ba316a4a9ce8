package dev.espalier.registry.blob;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ByteRangeTest {

    private static final long SIZE = 1000;

    @ParameterizedTest(name = "{0} is [{1}, {2})")
    @CsvSource({
        "bytes=0-0, 0, 1",
        "bytes=0-999, 0, 1000",
        "bytes=0-, 0, 1000",
        "bytes=500-5000, 500, 1000",
        "bytes=999-, 999, 1000",
        "bytes=-1, 999, 1000",
        "bytes=-5000, 0, 1000",
    })
    void aRangeInsideGivesThatPart(String header, long from, long to) {
        assertThat(ByteRange.of(header, SIZE)).isEqualTo(new ByteRange.Part(from, to));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"bytes=1000-", "bytes=1000-2000", "bytes=999999999999999999-", "bytes=-0"})
    void aRangeBehindTheEndIsOutside(String header) {
        assertThat(ByteRange.of(header, SIZE)).isEqualTo(new ByteRange.Outside());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "bytes=-",
                "bytes=5-1",
                "bytes=a-b",
                "lines=0-1",
                "bytes=0-1,5-6",
                "bytes=--1",
                "bytes=9999999999999999999-"
            })
    void whatIsNoSingleRangeGivesEverything(String header) {
        assertThat(ByteRange.of(header, SIZE)).isEqualTo(new ByteRange.Whole());
    }

    @Test
    void anEmptyFileHasNoRanges() {
        assertThat(ByteRange.of("bytes=0-", 0)).isEqualTo(new ByteRange.Outside());
        assertThat(ByteRange.of("bytes=-1", 0)).isEqualTo(new ByteRange.Outside());
        assertThat(ByteRange.of(null, 0)).isEqualTo(new ByteRange.Whole());
    }
}
