package dev.espalier.aggregation.publish;

import dev.espalier.aggregation.combine.RoundCombiner;
import dev.espalier.tensors.combine.MaskedMean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Hands the combiner, which itself knows no framework, to the publisher. */
@Configuration(proxyBeanMethods = false)
class PublishConfiguration {

    @Bean
    RoundCombiner roundCombiner(MaskedMean mean) {
        return new RoundCombiner(mean);
    }
}
