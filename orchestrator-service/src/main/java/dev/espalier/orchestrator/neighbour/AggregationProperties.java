package dev.espalier.orchestrator.neighbour;

import java.net.URI;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * @param url where the aggregation service is reached
 */
@ConfigurationProperties("espalier.aggregation")
record AggregationProperties(@DefaultValue("http://127.0.0.1:8082") URI url) {}
