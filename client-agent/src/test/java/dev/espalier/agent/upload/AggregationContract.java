package dev.espalier.agent.upload;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.espalier.agent.TinyFederation;
import dev.espalier.agent.neighbour.RefusedException;
import dev.espalier.protocol.AgentName;
import dev.espalier.protocol.Digest;
import dev.espalier.protocol.RoundId;
import dev.espalier.protocol.problem.ProblemType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every {@link Aggregation} promises. */
abstract class AggregationContract {

    private static final RoundId ROUND = new RoundId(new UUID(1, 2));
    private static final AgentName ADA = new AgentName("ada");

    @TempDir private Path folder;

    abstract Aggregation aggregation() throws Exception;

    @Test
    void theSameBytesAgainAreFree() throws Exception {
        Aggregation aggregation = aggregation();
        handIn(aggregation, "update");

        assertThatCode(() -> handIn(aggregation, "update")).doesNotThrowAnyException();
    }

    @Test
    void otherBytesAreRefused() throws Exception {
        Aggregation aggregation = aggregation();
        handIn(aggregation, "update");

        assertThatThrownBy(() -> handIn(aggregation, "another"))
                .isInstanceOf(RefusedException.class)
                .matches(e -> ((RefusedException) e).is(ProblemType.UPDATE_CONTRADICTS));
    }

    private void handIn(Aggregation aggregation, String content) throws Exception {
        Path file = Files.writeString(folder.resolve(content), content);
        Digest digest = Digest.of(Files.readAllBytes(file));
        aggregation.handIn(ROUND, ADA, TinyFederation.TOKEN, file, digest);
    }
}
