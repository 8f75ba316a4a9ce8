package dev.espalier.aggregation;

import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.scheduling.annotation.EnableScheduling;

/** The aggregation service as a process of its own. */
@SpringBootApplication
@ConfigurationPropertiesScan
@EnableScheduling
public class AggregationApplication {

    /** Its settings are in {@code aggregation-service.yaml}, or in yours beside it. */
    public static SpringApplicationBuilder application() {
        return new SpringApplicationBuilder(AggregationApplication.class)
                .properties("spring.config.name=aggregation-service");
    }

    public static void main(String[] arguments) {
        application().run(arguments);
    }
}
