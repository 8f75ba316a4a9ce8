package dev.espalier.benchmarks.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.espalier.protocol.job.PhaseSpec;
import dev.espalier.protocol.job.SelectionSpec;
import java.util.List;
import org.junit.jupiter.api.Test;

class ArmTest {

    private static final PhaseSpec.FineTune FOUR = Jobs.arm("four", 4).tuning().getFirst();
    private static final PhaseSpec.FineTune TWO = Jobs.arm("two", 2).tuning().getFirst();

    @Test
    void itsRoundsAreThoseOfAllItsPhases() {
        assertThat(new Arm("both", List.of(FOUR, TWO)).rounds()).isEqualTo(6);
    }

    @Test
    void itDrawsItsCohortsInOneWay() {
        PhaseSpec.FineTune inTurn =
                Jobs.arm("in turn", 2, new SelectionSpec.RoundRobin(0.5)).tuning().getFirst();

        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Arm("mixed", List.of(FOUR, inTurn)))
                .withMessageContaining("mixed");
    }

    @Test
    void withoutAPhaseThereIsNone() {
        assertThatIllegalArgumentException().isThrownBy(() -> new Arm("idle", List.of()));
    }

    @Test
    void armsWithDifferentRoundsAreNoStudy() {
        Arm arm = new Arm("both", List.of(FOUR, TWO));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> Jobs.study(List.of(arm, Jobs.arm("four", 4)), List.of(1L)))
                .withMessageContaining("four");
        assertThat(Jobs.study(List.of(arm, Jobs.arm("six", 6)), List.of(1L)).rounds()).isEqualTo(6);
    }
}
