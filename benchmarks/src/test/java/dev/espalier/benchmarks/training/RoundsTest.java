package dev.espalier.benchmarks.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RoundsTest {

    private final List<String> asked = new ArrayList<>();

    @Test
    void contendersTakeTurnsAndTheFirstTurnDoesNotCount() throws IOException {
        Map<String, Series> found =
                new Rounds(5, 2).measure(List.of(contender("a", 9, 1, 3), contender("b", 8, 4, 2)));

        assertThat(asked).containsExactly("a 5", "b 5", "a 5", "b 5", "a 5", "b 5");
        assertThat(found.get("a").size()).isEqualTo(2);
        assertThat(found.get("a").least(Spent::cpuMillis)).isEqualTo(1);
        assertThat(found.get("b").median(Spent::cpuMillis)).isEqualTo(4);
    }

    @Test
    void thePageComparesEverybodyWithPytorchAtTheSameWork() throws IOException {
        Map<String, Series> found =
                new Rounds(1, 1)
                        .measure(
                                List.of(
                                        contender(TrainingPage.PYTORCH, 400, 400),
                                        contender(TrainingPage.OURS, 400, 300)));

        String page =
                new TrainingPage("a machine", "1.13", new Rounds(1, 1)).text(Map.of(64, found));

        assertThat(page)
                .contains("| ours, f32 | 300 | 300 | 0.75 | 0.75 | 300 | 0.5000 |")
                .contains("-Dmeasure=training");
    }

    private Contender contender(String name, double... cpuMillis) {
        return new Contender() {
            private int turn;

            @Override
            public String name() {
                return name;
            }

            @Override
            public Spent run(int steps) {
                asked.add(name + " " + steps);
                return new Spent(cpuMillis[turn], cpuMillis[turn++], 0.5);
            }
        };
    }
}
