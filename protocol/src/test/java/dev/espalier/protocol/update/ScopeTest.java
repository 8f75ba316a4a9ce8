package dev.espalier.protocol.update;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

class ScopeTest {

    @ParameterizedTest
    @ValueSource(strings = {"[1,0]", "[1,1]", "[-1]"})
    void indicesAscendFromZeroWithoutRepeats(String indices) {
        List<Integer> list = JsonMapper.shared().readerForListOf(Integer.class).readValue(indices);

        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> new Scope(Map.of("block", list), null));
    }

    @Test
    void theWholeStaysTheWholeOverJson() {
        String json = JsonMapper.shared().writeValueAsString(Scope.whole());

        assertThat(JsonMapper.shared().readValue(json, Scope.class).isWhole()).isTrue();
    }

    @Test
    void aScopeComesBackFromJsonAsItWas() {
        Scope scope = new Scope(Map.of("b", List.of(0, 3)), Map.of("q", List.of(2)));

        assertThat(
                        JsonMapper.shared()
                                .readValue(
                                        JsonMapper.shared().writeValueAsString(scope), Scope.class))
                .isEqualTo(scope);
    }

    @Test
    void layersComeBackFromJsonAsTheyWere() {
        Scope scope = Scope.ofLayers(List.of(0, 2));
        String json = JsonMapper.shared().writeValueAsString(scope);

        assertThat(JsonMapper.shared().readValue(json, Scope.class)).isEqualTo(scope);
        assertThat(scope.isWhole()).isFalse();
    }

    @Test
    void layersAscend() {
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> Scope.ofLayers(List.of(1, 0)))
                .withMessageContaining("layer");
    }
}
