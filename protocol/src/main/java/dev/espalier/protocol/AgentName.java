package dev.espalier.protocol;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.swagger.v3.oas.annotations.media.Schema;

/**
 * The configured, stable, unique name of an agent. Its order is the order in which updates are
 * added.
 */
@Schema(type = "string", pattern = Names.PATTERN, example = "mail-provider-1")
public record AgentName(@JsonValue String value) implements Comparable<AgentName> {

    @JsonCreator
    public AgentName {
        Names.check("agent name", value);
    }

    @Override
    public int compareTo(AgentName other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
