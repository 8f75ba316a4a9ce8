package dev.espalier.lm.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LearningRateScheduleTest {

    /** As {@code get_*_schedule_with_warmup(optimizer, 4, 20)} of transformers. */
    @ParameterizedTest
    @CsvSource({
        "CONSTANT, 0, 0",
        "CONSTANT, 1, 0.25",
        "CONSTANT, 4, 1",
        "CONSTANT, 19, 1",
        "LINEAR, 2, 0.5",
        "LINEAR, 4, 1",
        "LINEAR, 12, 0.5",
        "LINEAR, 19, 0.0625",
        "LINEAR, 20, 0",
        "COSINE, 3, 0.75",
        "COSINE, 4, 1",
        "COSINE, 12, 0.5",
        "COSINE, 8, 0.8535533905932737",
        "COSINE, 20, 0"
    })
    void factorsAreThoseOfTransformers(LearningRateSchedule schedule, int step, double factor) {
        assertThat(schedule.factor(step, 4, 20)).isCloseTo(factor, within(1e-12));
    }
}
