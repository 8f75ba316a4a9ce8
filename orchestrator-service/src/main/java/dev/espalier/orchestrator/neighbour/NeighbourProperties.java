package dev.espalier.orchestrator.neighbour;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * @param connectTimeout how long a connection to a neighbour may take
 * @param readTimeout how long an answer may take; publishing a merged model takes longest
 */
@ConfigurationProperties("espalier.neighbour")
record NeighbourProperties(
        @DefaultValue("2s") Duration connectTimeout, @DefaultValue("120s") Duration readTimeout) {}
