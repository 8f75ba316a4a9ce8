package dev.espalier.protocol.problem;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ProblemTypeTest {

    @ParameterizedTest
    @EnumSource
    void everyProblemIsFoundByItsUrn(ProblemType type) {
        assertThat(ProblemType.of(type.uri())).contains(type);
        assertThat(type.uri().toString()).matches("urn:espalier:problem:[a-z0-9-]+");
    }

    @ParameterizedTest
    @EnumSource
    void aProblemIsAClientOrServerErrorWithASentence(ProblemType type) {
        assertThat(type.status()).isBetween(400, 599);
        assertThat(type.title()).isNotBlank().doesNotEndWith(".");
    }
}
