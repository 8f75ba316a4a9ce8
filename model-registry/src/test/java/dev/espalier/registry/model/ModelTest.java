package dev.espalier.registry.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.protocol.AliasName;
import dev.espalier.protocol.ModelName;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelTest {

    private final Model model = model(4, Map.of(new AliasName("champion"), 3));

    @Test
    void aSelectorIsANumberOrAnAlias() {
        assertThat(model.resolve("2")).hasValue(2);
        assertThat(model.resolve("champion")).hasValue(3);
    }

    @Test
    void latestIsTheLastVersion() {
        assertThat(model.resolve("latest")).hasValue(4);
        assertThat(model.aliases()).isEqualTo(Map.of("champion", 3, "latest", 4));
    }

    @Test
    void aModelWithoutVersionsHasNoLatest() {
        assertThat(model(0, Map.of()).resolve("latest")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0",
                "5",
                "-1",
                "03",
                "99999999999999999999",
                "challenger",
                "",
                "../4",
                "4 "
            })
    void whatNamesNoVersionResolvesToNone(String selector) {
        assertThat(model.resolve(selector)).isEmpty();
    }

    private static Model model(int versions, Map<AliasName, Integer> aliases) {
        return new Model(
                new ModelName("spam-filter"), Optional.empty(), versions, aliases, Instant.EPOCH);
    }
}
