package dev.espalier.protocol.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.espalier.protocol.job.PhaseSpec.FineTune;
import jakarta.validation.ConstraintViolation;
import jakarta.validation.Validation;
import jakarta.validation.Validator;
import jakarta.validation.ValidatorFactory;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Set;
import org.hibernate.validator.messageinterpolation.ParameterMessageInterpolator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

class JobSpecificationTest {

    private static final JsonMapper JSON = JsonMapper.shared();

    @ParameterizedTest
    @ValueSource(strings = {"job-specification.json", "job-prune-and-heal.json"})
    void theWireFormatIsTheGoldenOne(String file) throws IOException {
        String golden = golden(file);
        JobSpecification specification = JSON.readValue(golden, JobSpecification.class);

        assertThat(JSON.readTree(JSON.writeValueAsString(specification)))
                .isEqualTo(JSON.readTree(golden));
    }

    @Test
    void whatIsLeftOutGetsItsDefault() throws IOException {
        JobSpecification specification =
                JSON.readValue(golden("job-minimal.json"), JobSpecification.class);

        FineTune phase = (FineTune) specification.phases().getFirst();
        assertThat(violations(specification)).isEmpty();
        assertThat(specification.task().maxLength()).isEqualTo(128);
        assertThat(phase.selection()).isEqualTo(new SelectionSpec.All());
        assertThat(phase.aggregation()).isEqualTo(new AggregationSpec.FedAvg(null));
        assertThat(phase.deadline()).isEqualTo(Duration.ofMinutes(10));
        assertThat(phase.quorum()).isEqualTo(0.5);
        assertThat(phase.adapter().alpha()).isEqualTo(16.0);
        assertThat(phase.training().batchSize()).isEqualTo(16);
    }

    @ParameterizedTest(name = "{0} -> {1}")
    @CsvSource({
        "phases[0].rounds, /phases/0/rounds, 0",
        "phases[0].quorum, /phases/0/quorum, 0",
        "phases[0].quorum, /phases/0/quorum, 1.5",
        "phases[0].adapter.rank, /phases/0/adapter/rank, 0",
        "phases[0].adapter.dropout, /phases/0/adapter/dropout, 1",
        "phases[0].training.learningRate, /phases/0/training/learningRate, -0.1",
        "phases[0].training.batchSize, /phases/0/training/batchSize, 0",
        "task.maxLength, /task/maxLength, 4",
    })
    void aValueOutOfItsRangeIsNamed(String path, String pointer, String value) throws IOException {
        var tree = JSON.readTree(golden("job-specification.json"));
        int last = pointer.lastIndexOf('/');
        ((tools.jackson.databind.node.ObjectNode) tree.at(pointer.substring(0, last)))
                .set(pointer.substring(last + 1), JSON.readTree(value));

        assertThat(violations(JSON.treeToValue(tree, JobSpecification.class)))
                .extracting(violation -> violation.getPropertyPath().toString())
                .containsExactly(path);
    }

    private static Set<ConstraintViolation<JobSpecification>> violations(
            JobSpecification specification) {
        try (ValidatorFactory factory =
                Validation.byDefaultProvider()
                        .configure()
                        .messageInterpolator(new ParameterMessageInterpolator())
                        .buildValidatorFactory()) {
            Validator validator = factory.getValidator();
            return validator.validate(specification);
        }
    }

    private static String golden(String name) throws IOException {
        try (InputStream in = JobSpecificationTest.class.getResourceAsStream("/golden/" + name)) {
            return new String(in.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        }
    }
}
