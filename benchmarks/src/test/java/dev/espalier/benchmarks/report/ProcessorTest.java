package dev.espalier.benchmarks.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ProcessorTest {

    @Test
    void theFirstOfSeveralIsTold() {
        Processor processor =
                Processor.of(
                        List.of(
                                "processor\t: 0",
                                "cpu family\t: 6",
                                "model\t\t: 143",
                                "model name\t: A Processor: Fast",
                                "flags\t\t: sse avx2 amx_bf16",
                                "",
                                "processor\t: 1",
                                "model name\t: Another"));

        assertThat(processor)
                .isEqualTo(
                        new Processor(
                                "A Processor: Fast",
                                "6",
                                "143",
                                Set.of("amx_bf16", "avx2", "sse")));
    }

    @Test
    void whatIsNotThereIsNotTold() {
        assertThat(Processor.of(List.of("model : 1")))
                .isEqualTo(new Processor("not told", "not told", "1", Set.of()));
    }
}
