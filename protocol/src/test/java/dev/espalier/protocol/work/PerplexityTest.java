package dev.espalier.protocol.work;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class PerplexityTest {

    @Test
    void aModelThatDrawsAmongFiftyTokensHasAPerplexityOfFifty() {
        assertThat(Perplexity.of(Math.log(50))).isCloseTo(50, within(1e-12));
        assertThat(Perplexity.of(0)).isEqualTo(1);
    }

    @Test
    void thatOfAModelThatRanAwayIsANumberThatMayBeTold() {
        assertThat(Perplexity.of(Double.parseDouble(Bounds.LOSS)))
                .isFinite()
                .isLessThanOrEqualTo(Double.parseDouble(Bounds.PERPLEXITY));
    }
}
