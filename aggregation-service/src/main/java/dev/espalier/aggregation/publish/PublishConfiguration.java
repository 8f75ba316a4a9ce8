package dev.espalier.aggregation.publish;

import dev.espalier.aggregation.combine.RoundCombiner;
import dev.espalier.aggregation.sparse.SparseCombiner;
import dev.espalier.tensors.combine.MaskedMean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Hands the combiners, which themselves know no framework, to the publisher. */
@Configuration(proxyBeanMethods = false)
class PublishConfiguration {

    @Bean
    RoundCombiner roundCombiner(MaskedMean mean) {
        return new RoundCombiner(mean);
    }

    @Bean
    SparseCombiner sparseCombiner(MaskedMean mean) {
        return new SparseCombiner(mean);
    }
}
