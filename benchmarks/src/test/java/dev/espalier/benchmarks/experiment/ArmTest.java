package dev.espalier.benchmarks.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.espalier.protocol.DataName;
import dev.espalier.protocol.VersionRef;
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
    void aStudyHasAsManyRoundsAsItsLongestArm() {
        Arm arm = new Arm("both", List.of(FOUR, TWO));

        assertThat(Jobs.study(List.of(arm, Jobs.arm("four", 4)), List.of(1L)).rounds())
                .isEqualTo(6);
    }

    @Test
    void anArmMayWorkOnDataOfItsOwn() {
        Arm arm = new Arm("pooled", List.of(FOUR), new DataName("elsewhere"));
        Study study = Jobs.study(List.of(arm), List.of(1L));

        assertThat(study.job(arm, 1, VersionRef.parse("base@1")).data())
                .isEqualTo(new DataName("elsewhere"));
        assertThat(study.clients(arm)).isEmpty();
    }
}
